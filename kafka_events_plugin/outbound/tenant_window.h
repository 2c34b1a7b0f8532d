// How much may be in flight before shares count, found by what tenants that send little have to wait.
//
// A sample is the time from an event's entry to its report, of a tenant that has little in flight. Samples of a calm way out
// (little in flight of all) say how long it takes by itself; those of a busy one are compared with them. While somebody is
// refused, the window narrows as long as the busy ones take over 1.3 times as long, and widens while they take under 1.15
// times as long or nobody else sends anything. Else it goes back to where it began. What was measured: with 1000 records of
// a flood in the queue the others' p99 was 3.9 times that of a calm one, with 300 of them 1.5 times, with 100 of them 1.1
// times; but over a slow connection only 32 were harmless.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace kafka_events {

class TenantWindow {
 public:
  static constexpr std::uint64_t least = 32;
  static constexpr std::uint64_t at_first = 256;

  explicit TenantWindow(std::uint64_t most) noexcept;

  /// In units. Any thread.
  [[nodiscard]] std::uint64_t units() const noexcept { return units_.load(std::memory_order_relaxed); }
  /// So much in flight or less is a calm way out.
  [[nodiscard]] std::uint64_t calm() const noexcept { return std::max(units() / 4, least / 2); }

  /// A sample was begun; add() follows. Any thread.
  void begun() noexcept { begun_.store(true, std::memory_order_relaxed); }
  /// A tenant that sends little waited so long. Any thread.
  void add(std::int64_t waited_ns, bool calm, std::int64_t now) noexcept;
  /// Somebody was refused because it is crowded. Any thread.
  void crowded(std::int64_t now) noexcept;

 private:
  struct Mean {
    std::atomic<std::int64_t> sum{0};
    std::atomic<std::int64_t> count{0};
    void add(std::int64_t value) noexcept;
    double take() noexcept;  ///< 0: there is none
  };
  void turn(std::int64_t now) noexcept;
  void learn_calm(double calm) noexcept;
  [[nodiscard]] std::uint64_t next_units(double busy) noexcept;

  const std::uint64_t most_;
  std::atomic<std::uint64_t> units_;
  Mean calm_;
  Mean busy_;
  std::atomic<bool> begun_{false};
  std::atomic<bool> crowded_{false};
  std::atomic<std::int64_t> next_turn_{0};
  std::mutex mutex_;  // guards what follows; never waited for
  double base_ = 0;   // of a calm way out, ns; 0: not known
  std::uint32_t lonely_turns_ = 0;
  std::uint32_t narrow_turns_ = 0;
};

}  // namespace kafka_events
