#include "requests/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kafka_events {

void Latencies::add(std::chrono::microseconds latency, Time now) noexcept {
  if (now - began_ >= 2 * window) windows_ = {};
  if (now - began_ >= window) {
    current_ = 1 - current_;
    windows_[current_] = {};
    began_ = now;
  }
  ++windows_[current_][bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, latency.count())))];
}

std::uint64_t Latencies::percentile(double share, Time now) const noexcept {
  const bool both = now - began_ < window;
  if (now - began_ >= 2 * window) return 0;
  const auto count_in = [&](std::size_t bucket) {
    return std::uint64_t{windows_[current_][bucket]} + (both ? windows_[1 - current_][bucket] : 0);
  };
  std::uint64_t total = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) total += count_in(bucket);
  if (total == 0) return 0;
  auto left = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    const std::uint64_t here = count_in(bucket);
    if (here >= left) return end_of(bucket);
    left -= here;
  }
  return end_of(buckets - 1);
}

std::size_t Latencies::bucket_of(std::uint64_t value) noexcept {
  if (value < per_power) return static_cast<std::size_t>(value);
  const auto power = static_cast<std::size_t>(std::bit_width(value)) - 1;  // at least 4
  const std::size_t within = static_cast<std::size_t>(value >> (power - 4)) - per_power;
  return std::min((power - 3) * per_power + within, buckets - 1);
}

std::uint64_t Latencies::end_of(std::size_t bucket) noexcept {
  if (bucket < per_power) return bucket;
  const std::size_t power = bucket / per_power + 3;
  const std::uint64_t begin = std::uint64_t{per_power + bucket % per_power} << (power - 4);
  return begin + (std::uint64_t{1} << (power - 4)) - 1;
}

}  // namespace kafka_events
