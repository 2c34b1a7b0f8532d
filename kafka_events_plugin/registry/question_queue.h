// Questions that wait for the registry, in order; those that it could not answer wait for their own time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "registry/registry_api.h"

namespace kafka_events {

inline constexpr std::size_t max_questions = 1000;

/// How long to wait after so many failures in a row (0: the first): doubled from 200 ms to 5 s, and shortened by up to a half
/// at random, so that many agents do not come back at the same moment.
[[nodiscard]] inline std::chrono::milliseconds pause_after(std::uint32_t failures, std::minstd_rand& random) {
  const std::uint32_t whole = std::min(200U << std::min(failures, 10U), 5000U);
  return std::chrono::milliseconds(whole / 2 + random() % (whole / 2 + 1));
}

/// Any thread. It is the caller's to put no question twice.
class QuestionQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Entry {
    RegistryQuestion question;
    Time due{};
    Time put{};
    std::uint32_t attempts = 0;
  };

  /// False: there are too many.
  [[nodiscard]] bool put(Entry entry) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= max_questions) return false;
    entries_.push_back(std::move(entry));
    return true;
  }
  /// The first that is due, or else (in `next`) when there will be one.
  [[nodiscard]] std::optional<Entry> take(Time now, Time& next) {
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (at->due <= now) {
        Entry entry = std::move(*at);
        entries_.erase(at);
        return entry;
      }
      next = std::min(next, at->due);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::deque<Entry> take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(entries_, {});
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
};

}  // namespace kafka_events
