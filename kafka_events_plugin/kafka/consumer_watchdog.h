// Notices that a consumer's thread does not come back from a handler, and keeps its membership in the group meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace kafka_events {

class Consumer;

/// Tells a watcher whether a thread has been inside a call for long. Entering and leaving cost two relaxed stores and no
/// look at the clock: the watcher sees that the number has not changed between two of its looks.
class HandlerClock {
 public:
  using Clock = std::chrono::steady_clock;

  class Inside {
   public:
    explicit Inside(std::atomic<std::uint64_t>& number) noexcept : number_(number) { step(); }
    ~Inside() { step(); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    void step() noexcept {  // one thread writes, so no atomic addition is needed
      number_.store(number_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    std::atomic<std::uint64_t>& number_;
  };

  [[nodiscard]] Inside enter() noexcept { return Inside(number_); }

  /// How long the thread has been inside the same call, as far as it was looked at; zero: it is outside. [watcher]
  [[nodiscard]] std::chrono::milliseconds look(Clock::time_point now) noexcept {
    const std::uint64_t number = number_.load(std::memory_order_acquire);
    if (number % 2 == 0 || number != seen_) {
      seen_ = number;
      since_ = now;
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - since_);
  }

 private:
  std::atomic<std::uint64_t> number_{0};  // odd: inside
  std::uint64_t seen_ = 0;
  Clock::time_point since_{};
};

/// One thread, "kfk-watchdog", for all consumers of a bridge.
class ConsumerWatchdog {
 public:
  static constexpr std::chrono::milliseconds interval{250};
  /// A thread that is inside a handler for longer is reported, and its member kept alive.
  static constexpr std::chrono::milliseconds patience{1000};

  ConsumerWatchdog() = default;
  ~ConsumerWatchdog() { stop(); }
  ConsumerWatchdog(const ConsumerWatchdog&) = delete;
  ConsumerWatchdog& operator=(const ConsumerWatchdog&) = delete;

  /// The consumers must stay until stop() returned. [lifecycle thread]
  void start(std::vector<Consumer*> consumers);
  /// Idempotent. [lifecycle thread]
  void stop();

 private:
  void run();

  std::vector<Consumer*> consumers_;
  std::thread thread_;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable changed_;
  bool stopping_ = false;
};

}  // namespace kafka_events
