// Are there more errors than allowed within any second?
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace host_stub {

/// Fed with a counter that only grows, from 0 at the start.
class ErrorRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ErrorRate(std::uint64_t most_per_second, Time start) : most_(most_per_second), samples_{{start, 0}} {}

  /// Why it is too much, or nothing.
  [[nodiscard]] std::optional<std::string> judge(std::uint64_t count, Time now) {
    samples_.push_back({now, count});
    // The first one is the newest that is at least a second old: all since then happened within about a second.
    while (samples_.size() > 1 && now - samples_[1].when >= std::chrono::seconds(1)) samples_.pop_front();
    const std::uint64_t errors = count - samples_.front().count;
    if (errors <= most_) return std::nullopt;
    return std::to_string(errors) + " errors of the new version within a second; " + std::to_string(most_) +
           " are allowed";
  }

 private:
  struct Sample {
    Time when;
    std::uint64_t count;
  };
  const std::uint64_t most_;
  std::deque<Sample> samples_;
};

}  // namespace host_stub
