// Times of single events, and their quantiles.
#include "latency_log.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "harness.h"

namespace bench {
namespace {

constexpr auto look_every = std::chrono::milliseconds(10);
constexpr double patience_seconds = 30;

}  // namespace

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void LatencyLog::begin(std::size_t count) {
  nanoseconds_.assign(count, 0);
  arrived_ = 0;
}

void LatencyLog::add(std::size_t index, std::int64_t nanoseconds) {
  nanoseconds_.at(index) = nanoseconds;
  arrived_.fetch_add(1, std::memory_order_release);
}

void LatencyLog::wait(const char* whose) const {
  std::size_t seen = 0;
  double moved = now();
  while (true) {
    const std::size_t arrived = arrived_.load(std::memory_order_acquire);
    if (arrived >= nanoseconds_.size()) return;
    if (arrived != seen) moved = now();
    seen = arrived;
    if (now() > moved + patience_seconds) {
      give_up(std::string(whose).append(": only ").append(std::to_string(seen)).append(" events arrived"));
    }
    std::this_thread::sleep_for(look_every);
  }
}

double LatencyLog::quantile(double share) const {
  std::vector<std::int64_t> sorted = nanoseconds_;
  const auto position = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + position, sorted.end());
  return static_cast<double>(sorted[static_cast<std::size_t>(position)]) / 1e3;
}

}  // namespace bench
