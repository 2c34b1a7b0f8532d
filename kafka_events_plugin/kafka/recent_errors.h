// The last errors of one client, for status pages; and the rule that keeps a repeated error from flooding the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.h"

namespace kafka_events {

struct RecentError {
  std::chrono::system_clock::time_point last_seen;
  std::string code;  ///< librdkafka's name of it, such as _ALL_BROKERS_DOWN
  std::string message;
  std::uint64_t times = 1;  ///< in a row or with others between, since first seen
};

/// Keeps the newest `capacity` different errors. Any thread.
class RecentErrors {
 public:
  static constexpr std::size_t capacity = 16;
  /// An error with the same code is logged again after this long at the earliest, with the number of those between.
  static constexpr std::chrono::seconds log_interval{30};

  RecentErrors(Log& log, std::string component) : log_(log), component_(std::move(component)) {}

  void add(LogLevel level, std::string_view code, std::string_view message);
  /// Newest first.
  [[nodiscard]] std::vector<RecentError> list() const;

 private:
  struct Entry {
    RecentError error;
    std::chrono::steady_clock::time_point logged;
    std::uint64_t unlogged = 0;
  };

  Log& log_;
  const std::string component_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // newest in front
};

}  // namespace kafka_events
