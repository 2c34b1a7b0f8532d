// Lets senders through without a lock and lets one thread close the gate and wait until nobody is inside.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <pthread.h>
#include <thread>

namespace kafka_events {

/// A striped count of those inside: each thread counts on a cache line of its own (by its id, not by thread_local,
/// which would keep this module mapped), so that passing costs two uncontended atomic additions.
class SenderGate {
 public:
  class Pass {
   public:
    explicit Pass(std::atomic<std::int64_t>& inside) noexcept : inside_(inside) {
      // Sequentially consistent: the load of what the gate protects must not move before it.
      inside_.fetch_add(1);
    }
    ~Pass() { inside_.fetch_sub(1, std::memory_order_release); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    std::atomic<std::int64_t>& inside_;
  };

  [[nodiscard]] Pass enter() noexcept { return Pass(stripes_[stripe_of_this_thread()].inside); }

  /// Returns when everybody who entered before the call has left. What must not be used any more is to be hidden first
  /// (an atomic pointer set to null, sequentially consistent). Senders never block inside, so this takes microseconds.
  void wait_until_left() const noexcept {
    for (const Stripe& stripe : stripes_) {
      while (stripe.inside.load() != 0) std::this_thread::yield();
    }
  }

 private:
  static constexpr std::size_t stripe_count = 16;
  struct alignas(64) Stripe {
    std::atomic<std::int64_t> inside{0};
  };

  static std::size_t stripe_of_this_thread() noexcept {
    // Thread descriptors lie at the end of mappings of equal size: mix the bits before taking some.
    const auto id = static_cast<std::uint64_t>(pthread_self());
    return static_cast<std::size_t>((id * 0x9E3779B97F4A7C15ULL) >> 60);
  }

  mutable std::array<Stripe, stripe_count> stripes_;
};

}  // namespace kafka_events
