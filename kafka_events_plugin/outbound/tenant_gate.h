// Which tenant may send how much: rates, events in flight, and a fair share while the way out is crowded.
//
// Bounded: an entry of at most 64 bytes a tenant, for at most max_tenants of them, without its id; a tenant at rest (nothing
// in flight, its buckets full again) gives its entry up when room is needed. A tenant for whom there is no entry is let pass
// and counted.
#pragma once

#include <chrono>
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

/// For the publisher: "the tenant is over its max_events_per_second (100)". Without the tenant's id.
[[nodiscard]] std::string_view to_text(TenantVerdict verdict) noexcept;

struct TenantStatistics {
  std::uint64_t known = 0;      ///< entries
  std::uint64_t active = 0;     ///< with something in flight
  std::uint64_t in_flight = 0;  ///< events
  std::uint64_t refused_events = 0, refused_bytes = 0, refused_in_flight = 0, refused_unfair = 0;
  std::uint64_t without_entry = 0;  ///< events that passed because no entry was free
  std::uint64_t bytes = 0;          ///< memory of the table
};

class TenantGate {
 public:
  explicit TenantGate(const config::TenantSettings& settings);
  ~TenantGate();
  TenantGate(const TenantGate&) = delete;
  TenantGate& operator=(const TenantGate&) = delete;

  /// May this event of `bytes` go? The empty tenant is one like any other. Any thread; waits for nobody.
  [[nodiscard]] TenantVerdict enter(std::string_view tenant, std::size_t bytes) noexcept;
  /// Once for each that passed: it was reported, or could not be sent after all. Any thread.
  void leave(std::string_view tenant) noexcept;

  [[nodiscard]] TenantStatistics statistics() const noexcept;  ///< any thread

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafka_events
