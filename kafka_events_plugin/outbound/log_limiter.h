// A log for things that may happen thousands of times a second: one line a second, which counts the ones left out.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/ports.h"

namespace kafka_events {

class LogLimiter {
 public:
  LogLimiter(Log& log, std::string_view component) : log_(log), component_(component) {}

  /// Any thread.
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields,
             std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) noexcept;

 private:
  Log& log_;
  std::string_view component_;  // a literal
  std::atomic<std::int64_t> next_ns_{0};
  std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace kafka_events
