// Handlers that note what they get, and fail as a test of retries wants it.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.h"

namespace kafka_events::test {

using Clock = std::chrono::steady_clock;

constexpr int partitions = 4;
constexpr int fail_every = 700;  // retry: each so many a record of key 0 fails…
constexpr int failures = 3;      // …this often

/// Values are "KEY NUMBER", numbers of a key are to come one after the other, each once. Consumer threads.
class Ledger {
 public:
  /// Returns false if the record is not the next one of its key.
  bool take(std::string_view value) {
    const std::string text(value);
    const std::size_t blank = text.find(' ');
    const long number = std::stol(text.substr(blank + 1));
    const std::lock_guard lock(mutex_);
    long& next = next_[text.substr(0, blank)];
    const bool right = number == next;
    if (number < next) ++again;
    if (number > next) lost += number - next;
    if (number >= next) next = number + 1;
    ++taken;
    const auto now = Clock::now();
    if (first_at && now - last_at > std::chrono::milliseconds(1)) {
      pauses_.push_back(std::chrono::duration<double, std::milli>(now - last_at).count());
    }
    last_at = now;
    if (!first_at) first_at = now;
    return right;
  }
  /// Of whom comes next.
  std::optional<Clock::time_point> first() {
    const std::lock_guard lock(mutex_);
    return first_at;
  }
  Clock::time_point switch_sides() {
    const std::lock_guard lock(mutex_);
    first_at.reset();
    return last_at;
  }
  long count() {
    const std::lock_guard lock(mutex_);
    return taken;
  }
  /// Those of more than a millisecond between two records of one side.
  std::vector<double> pauses() {
    const std::lock_guard lock(mutex_);
    return pauses_;
  }
  long lost = 0;
  long again = 0;

 private:
  std::mutex mutex_;
  std::map<std::string, long> next_;
  std::optional<Clock::time_point> first_at;
  Clock::time_point last_at{};
  long taken = 0;
  std::vector<double> pauses_;
};

/// What handlers see, and how they end.
class Handlers {
 public:
  explicit Handlers(bool retry) : retry_(retry) {}

  Outcome handle(const EventDraft& draft) {
    const std::string value(draft.payload);
    if (!retry_) {
      ledger.take(value);
      return Outcome::done;
    }
    const std::lock_guard lock(mutex_);
    const bool failing = value.starts_with("0 ") && std::stol(value.substr(2)) % fail_every == fail_every / 2;
    const int attempt = ++attempts_[value];
    const bool done = !failing || attempt == failures + 1;
    if (done && !done_.insert(value).second) ++twice;
    if (done) ledger.take("all " + std::to_string(done_.size() - 1));
    if (failing) waits_ = !done;
    if (failing && done) guarded_ = false;
    if (guarded_ && !failing && std::stol(value) % partitions == 0) ++overtaken;
    return done ? Outcome::done : Outcome::failed;
  }
  [[nodiscard]] bool waits() {
    const std::lock_guard lock(mutex_);
    return waits_;
  }
  /// The partition of key 0 was handed over resting: nothing of it may come before the record that waits is done.
  void guard() {
    const std::lock_guard lock(mutex_);
    guarded_ = waits_;
  }
  std::map<std::string, int> wrong_attempts() {
    std::map<std::string, int> wrong;
    for (const auto& [value, count] : attempts_) {
      if (count != 1 && count != failures + 1) wrong[value] = count;
    }
    return wrong;
  }

  Ledger ledger;
  long twice = 0;
  long overtaken = 0;

 private:
  const bool retry_;
  std::mutex mutex_;
  std::map<std::string, int> attempts_;
  std::set<std::string> done_;
  bool waits_ = false;
  bool guarded_ = false;
};

}  // namespace kafka_events::test
