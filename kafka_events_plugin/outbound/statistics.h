// What became of the events of each route, in numbers. Counted without locks, read at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/handover.h"

namespace kafka_events {

/// Upper bounds in microseconds, inclusive; one more bucket takes the rest.
inline constexpr std::array<std::int64_t, 14> latency_bounds_us = {500,       1'000,     2'500,      5'000,     10'000,
                                                                   25'000,    50'000,    100'000,    250'000,   500'000,
                                                                   1'000'000, 2'500'000, 10'000'000, 60'000'000};

/// Time from enqueue to the delivery report, of delivered records.
struct LatencyHistogram {
  std::array<std::uint64_t, latency_bounds_us.size() + 1> buckets{};  ///< not cumulative
  std::uint64_t count = 0;
  std::uint64_t sum_us = 0;
};

/// matched = sent + busy + refused; sent = delivered + failed + what is in flight.
struct RouteStatistics {
  std::string name;
  std::uint64_t matched = 0;
  std::uint64_t sent = 0;       ///< accepted by the sink
  std::uint64_t delivered = 0;  ///< acknowledged by Kafka
  std::uint64_t failed = 0;     ///< accepted, but never acknowledged
  std::uint64_t busy = 0;       ///< not taken because a queue was full; the publisher was told
  std::uint64_t refused = 0;    ///< could not be sent at all: closed, bad topic name, not encodable, too large
  std::uint64_t bytes = 0;      ///< values that were delivered
  LatencyHistogram latency;
};

struct OutboundStatistics {
  std::vector<RouteStatistics> routes;  ///< in the order of the configuration
  std::uint64_t status_events = 0;      ///< published
  std::uint64_t status_failures = 0;    ///< could not be published
};

/// The live counters of one route. Publishers' and the delivery thread's are kept on cache lines of their own.
/// Deliveries of one route, summed up before they are counted: an atomic addition for each would cost more than they do.
class DeliveryTally {
 public:
  void add(std::int64_t latency_us, std::uint64_t bytes) noexcept;
  [[nodiscard]] bool empty() const noexcept { return empty_; }

 private:
  friend class RouteCounters;
  [[nodiscard]] bool in_last_bucket(std::int64_t latency_us) const noexcept;

  bool empty_ = true;
  std::uint64_t bytes_ = 0;
  std::uint64_t sum_us_ = 0;
  std::size_t last_ = 0;
  std::array<std::uint32_t, latency_bounds_us.size() + 1> buckets_{};
};

class RouteCounters {
 public:
  void sent() noexcept { add(sent_, 1); }
  void busy() noexcept { add(busy_, 1); }
  void refused() noexcept { add(refused_, 1); }
  void delivered(const DeliveryTally& tally) noexcept;
  void failed() noexcept { add(failed_, 1); }
  [[nodiscard]] RouteStatistics read(const std::string& name) const;
  /// Of the route `name`, for another version of this module.
  void write(const std::string& name, Counters& to) const;
  /// Goes on from what another version has counted; what it does not know by name is left out. Before the first event.
  void seed(const CounterHandover& counter) noexcept;
  void clear() noexcept;  ///< before it is seeded

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter, std::uint64_t amount) noexcept {
    counter.fetch_add(amount, std::memory_order_relaxed);
  }

  alignas(64) Counter sent_{0};
  Counter busy_{0};
  Counter refused_{0};
  alignas(64) Counter failed_{0};
  Counter bytes_{0};
  Counter sum_us_{0};
  std::array<Counter, latency_bounds_us.size() + 1> buckets_{};  // their sum is what was delivered
};

}  // namespace kafka_events
