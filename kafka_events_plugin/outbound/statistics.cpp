#include "outbound/statistics.h"

#include <algorithm>

namespace kafka_events {

bool DeliveryTally::in_last_bucket(std::int64_t latency_us) const noexcept {
  return (last_ == latency_bounds_us.size() || latency_us <= latency_bounds_us[last_]) &&
         (last_ == 0 || latency_us > latency_bounds_us[last_ - 1]);
}

void DeliveryTally::add(std::int64_t latency_us, std::uint64_t bytes) noexcept {
  const std::int64_t latency = std::max<std::int64_t>(latency_us, 0);
  if (!in_last_bucket(latency)) {
    const auto bucket = std::lower_bound(latency_bounds_us.begin(), latency_bounds_us.end(), latency);
    last_ = static_cast<std::size_t>(bucket - latency_bounds_us.begin());
  }
  ++buckets_[last_];
  sum_us_ += static_cast<std::uint64_t>(latency);
  bytes_ += bytes;
  empty_ = false;
}

void RouteCounters::delivered(const DeliveryTally& tally) noexcept {
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    if (tally.buckets_[bucket] > 0) add(buckets_[bucket], tally.buckets_[bucket]);
  }
  add(sum_us_, tally.sum_us_);
  add(bytes_, tally.bytes_);
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
