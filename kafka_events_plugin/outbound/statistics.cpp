#include "outbound/statistics.h"

#include <algorithm>

namespace kafka_events {

void RouteCounters::delivered(std::int64_t latency_us, std::uint64_t bytes) noexcept {
  const std::int64_t latency = std::max<std::int64_t>(latency_us, 0);
  const auto bucket = std::lower_bound(latency_bounds_us.begin(), latency_bounds_us.end(), latency);
  add(buckets_[static_cast<std::size_t>(bucket - latency_bounds_us.begin())], 1);
  add(sum_us_, static_cast<std::uint64_t>(latency));
  add(bytes_, bytes);
}

RouteStatistics RouteCounters::read(const std::string& name) const {
  const auto get = [](const Counter& counter) { return counter.load(std::memory_order_relaxed); };
  RouteStatistics result;
  result.name = name;
  // Outcomes before what they come from, so that a reader never sees more delivered than sent.
  result.failed = get(failed_);
  result.bytes = get(bytes_);
  result.latency.sum_us = get(sum_us_);
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    result.latency.buckets[bucket] = get(buckets_[bucket]);
    result.latency.count += result.latency.buckets[bucket];
  }
  result.delivered = result.latency.count;
  result.sent = get(sent_);
  result.busy = get(busy_);
  result.refused = get(refused_);
  result.matched = result.sent + result.busy + result.refused;
  return result;
}

}  // namespace kafka_events
