// How long answers took: percentiles of the last minutes, within 1/16 of the value, without keeping each.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace kafka_events {

/// Counts in buckets: below 16 µs one each, above 16 for each power of two. Two windows of two minutes take turns, so that
/// percentiles are of the last two to four minutes. Owned by whoever guards it.
class Latencies {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes window{2};

  void add(std::chrono::microseconds latency, Time now) noexcept;
  /// Microseconds, rounded up to the end of the bucket; 0: there are none. `share` is above 0 and at most 1.
  [[nodiscard]] std::uint64_t percentile(double share, Time now) const noexcept;

 private:
  static constexpr std::size_t per_power = 16;
  static constexpr std::size_t buckets = 37 * per_power;  // up to 2^40 µs
  using Window = std::array<std::uint32_t, buckets>;

  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t end_of(std::size_t bucket) noexcept;

  std::array<Window, 2> windows_{};
  std::size_t current_ = 0;
  Time began_{};
};

}  // namespace kafka_events
