// Which tenant may send how much: rates, events in flight, and a fair share while the way out is crowded.
//
// Kafka's client is a queue: what one tenant has in it stands before what the others send. So the way out counts as crowded
// as soon as tenants that send little wait noticeably longer than on an empty one (tenant_window.h), at the latest at
// `fair_from`; while it is, a tenant that already has its share of the window in flight is told to come back, and one that
// has nothing in flight always passes.
//
// Bounded: an entry of at most 64 bytes a tenant, for at most max_tenants of them, without its id; the entry of a tenant at
// rest (nothing in flight, its buckets full again) is used again before the table grows. A tenant for whom there is no entry
// is let pass and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "config/settings.h"

namespace kafka_events {

enum class TenantVerdict : std::uint8_t {
  pass,  ///< it counts as in flight until leave()
  over_event_rate,
  over_byte_rate,
  over_in_flight,
  over_fair_share,
};

/// For the publisher: what the tenant is over, and the option that says so. Without the tenant's id.
[[nodiscard]] std::string_view to_text(TenantVerdict verdict) noexcept;

struct TenantStatistics {
  std::uint64_t known = 0;      ///< entries
  std::uint64_t active = 0;     ///< with something in flight
  std::uint64_t in_flight = 0;  ///< events
  std::uint64_t refused_events = 0, refused_bytes = 0, refused_in_flight = 0, refused_unfair = 0;
  std::uint64_t without_entry = 0;  ///< events that passed because no entry was free
  std::uint64_t bytes = 0;          ///< memory of the table
  std::uint64_t window = 0;         ///< units in flight from which on shares count at the moment
};

/// Nanoseconds that only go forward.
using MonotonicClock = std::int64_t (*)();
[[nodiscard]] std::int64_t monotonic_ns();

class TenantGate {
 public:
  explicit TenantGate(const config::TenantSettings& settings, MonotonicClock clock = monotonic_ns);
  ~TenantGate();
  TenantGate(const TenantGate&) = delete;
  TenantGate& operator=(const TenantGate&) = delete;

  /// May this event of `bytes` go? The empty tenant is one like any other. Any thread; a lock for one in 256 tenants is held
  /// for some ten nanoseconds.
  [[nodiscard]] TenantVerdict enter(std::string_view tenant, std::size_t bytes) noexcept;
  /// An event that passed becomes so many more records: they count as in flight and are not asked for. Any thread.
  void add(std::string_view tenant, std::size_t bytes, std::uint32_t records) noexcept;
  /// Once for each that passed or was added, with the same `bytes`: it was reported, or could not be sent after all. Of
  /// others (another version of this module let them pass) nothing is counted. Any thread.
  void leave(std::string_view tenant, std::size_t bytes) noexcept;

  [[nodiscard]] TenantStatistics statistics() const noexcept;  ///< any thread

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafka_events
