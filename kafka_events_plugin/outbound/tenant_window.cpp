#include "outbound/tenant_window.h"

#include <algorithm>

namespace kafka_events {
namespace {

constexpr std::int64_t turn_ns = 50'000'000;
constexpr std::int64_t enough_samples = 8;
constexpr double far_too_long = 2;
constexpr double too_long = 1.3;
constexpr double short_enough = 1.15;
/// Turns without a sample begun after which nobody is there to be kept waiting.
constexpr std::uint32_t nobody_waits_after = 20;
/// Turns at the narrowest window after which it is not the window that makes them wait: Kafka itself has become slower.
constexpr std::uint32_t slower_after = 100;

}  // namespace

TenantWindow::TenantWindow(std::uint64_t most) noexcept
    : most_(std::max<std::uint64_t>(most, 1)), units_(std::min(at_first, most_)) {}

void TenantWindow::Mean::add(std::int64_t value) noexcept {
  sum.fetch_add(value, std::memory_order_relaxed);
  count.fetch_add(1, std::memory_order_relaxed);
}

double TenantWindow::Mean::take() noexcept {
  if (count.load(std::memory_order_relaxed) < enough_samples) return 0;
  const auto total = static_cast<double>(sum.exchange(0, std::memory_order_relaxed));
  return total / static_cast<double>(count.exchange(0, std::memory_order_relaxed));
}

void TenantWindow::add(std::int64_t waited_ns, bool calm, std::int64_t now) noexcept {
  (calm ? calm_ : busy_).add(waited_ns);
  if (now >= next_turn_.load(std::memory_order_relaxed)) turn(now);
}

void TenantWindow::crowded(std::int64_t now) noexcept {
  crowded_.store(true, std::memory_order_relaxed);
  if (now >= next_turn_.load(std::memory_order_relaxed)) turn(now);
}

void TenantWindow::turn(std::int64_t now) noexcept {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || now < next_turn_.load(std::memory_order_relaxed)) return;
  next_turn_.store(now + turn_ns, std::memory_order_relaxed);
  lonely_turns_ = begun_.exchange(false, std::memory_order_relaxed) ? 0 : lonely_turns_ + 1;
  if (const double calm = calm_.take(); calm > 0) learn_calm(calm);
  const double busy = busy_.take();
  const std::uint64_t narrowest = std::min(least, most_);
  const std::uint64_t next = std::clamp(next_units(busy), narrowest, most_);
  units_.store(next, std::memory_order_relaxed);
  if (busy == 0) return;
  narrow_turns_ = next == narrowest ? narrow_turns_ + 1 : 0;
  if (narrow_turns_ > slower_after) base_ += (busy - base_) / 16;
}

// Down at once, up slowly: what is called calm may still hold a little of somebody's flood.
void TenantWindow::learn_calm(double calm) noexcept {
  if (base_ == 0 || calm < base_) {
    base_ = calm;
  } else {
    base_ += (calm - base_) / 16;
  }
}

std::uint64_t TenantWindow::next_units(double busy) noexcept {
  const std::uint64_t units = units_.load(std::memory_order_relaxed);
  const std::uint64_t wider = units + units / 16 + 1;
  if (base_ > 0 && busy > base_ * far_too_long) return units / 2;
  if (base_ > 0 && busy > base_ * too_long) return units - units / 4;
  if (!crowded_.exchange(false, std::memory_order_relaxed)) {
    return units > at_first ? std::max(at_first, units - units / 16) : std::min(at_first, wider);
  }
  if (lonely_turns_ > nobody_waits_after) return wider;
  return base_ > 0 && busy > 0 && busy < base_ * short_enough ? wider : units;
}

}  // namespace kafka_events
