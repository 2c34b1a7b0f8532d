// How it stands with the registry: for status() and for the log, which gets a line when that changes and not for each failure.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/error.h"
#include "core/ports.h"

namespace kafka_events {

/// Any thread.
class RegistryCondition {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RegistryCondition(Log& log) : log_(log) {}

  void answered(const std::string& url, Time now);
  /// `error`: `unavailable` if it answers with trouble, else nobody answers.
  void failed(const std::string& url, const Error& error, Time now);

  [[nodiscard]] bool reachable() const;
  [[nodiscard]] std::string trouble() const;  ///< empty: none

 private:
  enum class State : std::uint8_t { unknown, good, refusing, away };

  /// Writes a line if there is news; trouble that comes and goes with single questions is told every half minute at most.
  void tell(State state, const std::string& url, Time now);

  Log& log_;
  mutable std::mutex mutex_;
  State state_ = State::unknown;
  State told_ = State::unknown;
  Time told_at_{};
  std::string trouble_;
};

}  // namespace kafka_events
