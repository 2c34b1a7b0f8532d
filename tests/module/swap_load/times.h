// When things happened: a histogram of durations, and a bounded log of those that took long. All times are of the steady
// clock, in nanoseconds.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace swap_load {

[[nodiscard]] inline std::int64_t now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct LongTime {
  std::int64_t end_ns;
  std::int64_t duration_ns;
};

/// Spans above a threshold, in the order in which they ended. All memory is taken at once. Any thread may add; read when
/// nobody adds any more.
class LongTimes {
 public:
  LongTimes(std::size_t capacity, std::int64_t threshold_ns) : threshold_(threshold_ns), times_(capacity) {}

  void add(std::int64_t end_ns, std::int64_t duration_ns) noexcept {
    if (duration_ns < threshold_) return;
    const std::size_t index = count_.fetch_add(1, std::memory_order_relaxed);
    if (index < times_.size()) times_[index] = {end_ns, duration_ns};
  }
  /// Two signed 64-bit numbers each, as this machine has them.
  bool write(const std::string& path) const;
  [[nodiscard]] std::size_t dropped() const noexcept { return count_ > times_.size() ? count_ - times_.size() : 0; }

 private:
  const std::int64_t threshold_;
  std::atomic<std::size_t> count_{0};
  std::vector<LongTime> times_;
};

/// The time since the last one: add() at each delivery gives the intervals between them.
class Intervals {
 public:
  Intervals(std::size_t capacity, std::int64_t threshold_ns) : log_(capacity, threshold_ns) {}
  void tick() noexcept {
    const std::int64_t now = now_ns();
    const std::int64_t before = last_.exchange(now, std::memory_order_relaxed);
    if (before != 0) log_.add(now, now - before);
  }
  [[nodiscard]] const LongTimes& log() const noexcept { return log_; }

 private:
  std::atomic<std::int64_t> last_{0};
  LongTimes log_;
};

/// How many calls in each hundredth of a second since the beginning, and how long the long ones took. One thread adds.
class CallTimes {
 public:
  explicit CallTimes(std::int64_t began_ns);
  void add(std::int64_t begin_ns, std::int64_t end_ns) noexcept;
  /// PREFIX.long as LongTimes, PREFIX.slots as unsigned 32-bit counts.
  bool write(const std::string& prefix) const;
  [[nodiscard]] std::size_t dropped() const noexcept { return long_.dropped(); }

 private:
  const std::int64_t began_;
  std::vector<std::uint32_t> slots_;
  LongTimes long_;
};

}  // namespace swap_load
