#include "outbound/tenant_gate.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <mutex>
#include <random>

#include "core/siphash.h"
#include "outbound/tenant_table.h"
#include "outbound/tenant_window.h"
#include "outbound/token_bucket.h"

namespace kafka_events {
namespace {

constexpr std::size_t most_shards = 256;
constexpr std::uint64_t tenants_a_shard = 64;  // at least, so that they are evenly filled
/// A share is not less than this, and not less than an eighth of the window: most of those that are active send little, and
/// a hiccup of the broker lets some of theirs pile up.
constexpr std::uint64_t least_share = 16;
constexpr std::uint64_t most_shares = 8;
/// A large event takes up as much of the way as several small ones.
constexpr std::size_t bytes_a_unit = 4096;

std::uint32_t units_of(std::size_t bytes) noexcept {
  return static_cast<std::uint32_t>(1 + std::min<std::size_t>(bytes, std::size_t{1} << 30U) / bytes_a_unit);
}

SipKey random_key() {
  std::random_device source;
  SipKey key{};
  for (unsigned char& byte : key) byte = static_cast<unsigned char>(source());
  return key;
}

}  // namespace

std::string_view to_text(TenantVerdict verdict) noexcept {
  switch (verdict) {
    case TenantVerdict::pass:
      return "it may go";
    case TenantVerdict::over_event_rate:
      return "the tenant is over its events per second (tenants.max_events_per_second); try again later";
    case TenantVerdict::over_byte_rate:
      return "the tenant is over its bytes per second (tenants.max_bytes_per_second); try again later";
    case TenantVerdict::over_in_flight:
      return "the tenant has as many events in flight as it may (tenants.max_in_flight); try again later";
    case TenantVerdict::over_fair_share:
      return "the way to Kafka is crowded, and the tenant has its share of it in flight (tenants.fair); try again "
             "later";
  }
  return "";
}

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class TenantGate::Impl {
 public:
  Impl(const config::TenantSettings& settings, MonotonicClock clock)
      : settings_(settings),
        clock_(clock),
        events_(settings.max_events_per_second, burst_of(settings)),
        bytes_(settings.max_bytes_per_second, burst_of(settings)),
        shards_(std::bit_floor(std::clamp<std::uint64_t>(settings.max_tenants / tenants_a_shard, 1, most_shards))),
        window_(settings.fair_from) {}

  TenantVerdict enter(std::string_view tenant, std::size_t bytes) noexcept;
  void add(std::string_view tenant, std::size_t bytes, std::uint32_t records) noexcept;
  void leave(std::string_view tenant, std::size_t bytes) noexcept;
  [[nodiscard]] TenantStatistics statistics() const noexcept;

 private:
  /// Some tenants, and the probe: one event of a tenant that has little in flight. A tenant's events come back in their order,
  /// so it is back when as many have left as were in flight with it.
  struct alignas(64) Shard {
    mutable std::mutex mutex;  // guards all of it
    TenantTable table;
    std::uint64_t probe = 0;  // hash; 0: none
    std::uint32_t probe_after = 0;
    std::int64_t probe_since = 0;
    bool probe_calm = false;
    std::uint64_t active = 0;
    std::uint64_t in_flight = 0;
    std::array<std::uint64_t, 5> verdicts{};
    std::uint64_t without_entry = 0;
  };
  struct Place {
    std::uint64_t hash;
    Shard& shard;
  };

  static std::int64_t burst_of(const config::TenantSettings& settings) noexcept {
    return std::chrono::nanoseconds(settings.burst).count();
  }
  [[nodiscard]] Place place_of(std::string_view tenant) const noexcept {
    const std::uint64_t hash = siphash64(key_, tenant) | 1U;  // never 0
    return {hash, storage_[hash >> 32U & (shards_ - 1)]};
  }
  TenantEntry* entry_of(const Place& place, std::int64_t now) noexcept;
  [[nodiscard]] TenantVerdict judge(const TenantEntry& entry, std::size_t bytes, std::uint32_t units,
                                    std::int64_t now) const noexcept;
  [[nodiscard]] std::uint64_t share_of(std::uint64_t shares) const noexcept {
    return std::max(least_share, window_.units() / shares);
  }
  [[nodiscard]] bool over_share(const TenantEntry& entry, std::uint32_t units) const noexcept;
  void take_in(const Place& place, TenantEntry& entry, std::uint32_t units, std::int64_t now) noexcept;

  const config::TenantSettings settings_;
  const MonotonicClock clock_;
  const TokenBucket events_;
  const TokenBucket bytes_;
  const SipKey key_ = random_key();
  const std::size_t shards_;
  std::unique_ptr<Shard[]> storage_ = std::make_unique<Shard[]>(shards_);
  TenantWindow window_;
  alignas(64) std::atomic<std::uint64_t> units_{0};   // in flight, of all
  alignas(64) std::atomic<std::uint64_t> active_{0};  // tenants with something in flight
  alignas(64) std::atomic<std::uint64_t> known_{0};   // entries
};

// At the bound another tenant's entry is used again, or there is none.
TenantEntry* TenantGate::Impl::entry_of(const Place& place, std::int64_t now) noexcept {
  const std::size_t before = place.shard.table.size();
  const bool may_grow = known_.load(std::memory_order_relaxed) < settings_.max_tenants;
  TenantEntry* entry = place.shard.table.find_or_add(place.hash, now, may_grow);
  known_.fetch_add(place.shard.table.size() - before, std::memory_order_relaxed);
  return entry;
}

bool TenantGate::Impl::over_share(const TenantEntry& entry, std::uint32_t units) const noexcept {
  if (!settings_.fair || entry.in_flight == 0) return false;
  if (units_.load(std::memory_order_relaxed) + units <= window_.units()) return false;
  const std::uint64_t active = active_.load(std::memory_order_relaxed);
  return std::uint64_t{entry.units} + units > share_of(std::clamp<std::uint64_t>(active, 1, most_shares));
}

TenantVerdict TenantGate::Impl::judge(const TenantEntry& entry, std::size_t bytes, std::uint32_t units,
                                      std::int64_t now) const noexcept {
  if (settings_.max_in_flight != 0 && entry.in_flight >= settings_.max_in_flight) return TenantVerdict::over_in_flight;
  if (!events_.has(1, entry.events_full_at, now)) return TenantVerdict::over_event_rate;
  if (!bytes_.has(bytes, entry.bytes_full_at, now)) return TenantVerdict::over_byte_rate;
  return over_share(entry, units) ? TenantVerdict::over_fair_share : TenantVerdict::pass;
}

void TenantGate::Impl::take_in(const Place& place, TenantEntry& entry, std::uint32_t units, std::int64_t now) noexcept {
  const std::uint64_t before = units_.fetch_add(units, std::memory_order_relaxed);
  entry.units += units;
  ++place.shard.in_flight;
  if (entry.in_flight++ == 0) {
    ++place.shard.active;
    active_.fetch_add(1, std::memory_order_relaxed);
  }
  if (place.shard.probe != 0 || !settings_.fair || entry.units > share_of(most_shares)) return;
  place.shard.probe = place.hash;
  place.shard.probe_after = entry.in_flight;
  place.shard.probe_since = now;
  place.shard.probe_calm = before <= window_.calm();
  window_.begun();
}

TenantVerdict TenantGate::Impl::enter(std::string_view tenant, std::size_t bytes) noexcept {
  const Place place = place_of(tenant);
  const std::uint32_t units = units_of(bytes);
  const std::int64_t now = clock_();
  TenantVerdict verdict = TenantVerdict::pass;
  {
    const std::lock_guard lock(place.shard.mutex);
    TenantEntry* entry = entry_of(place, now);
    if (entry == nullptr) {
      ++place.shard.without_entry;
      return TenantVerdict::pass;
    }
    verdict = judge(*entry, bytes, units, now);
    ++place.shard.verdicts[static_cast<std::size_t>(verdict)];
    if (verdict == TenantVerdict::pass) {
      entry->events_full_at = events_.take(1, entry->events_full_at, now);
      entry->bytes_full_at = bytes_.take(bytes, entry->bytes_full_at, now);
      take_in(place, *entry, units, now);
    }
  }
  if (verdict == TenantVerdict::over_fair_share) window_.crowded(now);
  return verdict;
}

void TenantGate::Impl::add(std::string_view tenant, std::size_t bytes, std::uint32_t records) noexcept {
  const Place place = place_of(tenant);
  const std::lock_guard lock(place.shard.mutex);
  TenantEntry* entry = place.shard.table.find(place.hash);
  if (entry == nullptr || entry->in_flight == 0) return;  // it passed without an entry
  const std::int64_t now = clock_();
  for (std::uint32_t record = 0; record < records; ++record) take_in(place, *entry, units_of(bytes), now);
}

void TenantGate::Impl::leave(std::string_view tenant, std::size_t bytes) noexcept {
  const Place place = place_of(tenant);
  std::int64_t since = 0;
  bool calm = false;
  {
    const std::lock_guard lock(place.shard.mutex);
    TenantEntry* entry = place.shard.table.find(place.hash);
    if (entry == nullptr || entry->in_flight == 0) return;
    --place.shard.in_flight;
    const std::uint32_t units = --entry->in_flight == 0 ? entry->units : std::min(entry->units, units_of(bytes));
    entry->units -= units;
    units_.fetch_sub(units, std::memory_order_relaxed);
    if (entry->in_flight == 0) {
      --place.shard.active;
      active_.fetch_sub(1, std::memory_order_relaxed);
    }
    if (place.shard.probe != place.hash || --place.shard.probe_after > 0) return;
    place.shard.probe = 0;
    since = place.shard.probe_since;
    calm = place.shard.probe_calm;
  }
  const std::int64_t now = clock_();
  window_.add(now - since, calm, now);
}

TenantStatistics TenantGate::Impl::statistics() const noexcept {
  TenantStatistics all;
  all.bytes = sizeof(*this) + shards_ * sizeof(Shard);
  all.window = window_.units();
  for (std::size_t index = 0; index < shards_; ++index) {
    const Shard& shard = storage_[index];
    const std::lock_guard lock(shard.mutex);
    const auto of = [&shard](TenantVerdict verdict) { return shard.verdicts[static_cast<std::size_t>(verdict)]; };
    all.known += shard.table.size();
    all.active += shard.active;
    all.in_flight += shard.in_flight;
    all.refused_events += of(TenantVerdict::over_event_rate);
    all.refused_bytes += of(TenantVerdict::over_byte_rate);
    all.refused_in_flight += of(TenantVerdict::over_in_flight);
    all.refused_unfair += of(TenantVerdict::over_fair_share);
    all.without_entry += shard.without_entry;
    all.bytes += shard.table.bytes();
  }
  return all;
}

TenantGate::TenantGate(const config::TenantSettings& settings, MonotonicClock clock)
    : impl_(std::make_unique<Impl>(settings, clock)) {}
TenantGate::~TenantGate() = default;

TenantVerdict TenantGate::enter(std::string_view tenant, std::size_t bytes) noexcept {
  return impl_->enter(tenant, bytes);
}
void TenantGate::add(std::string_view tenant, std::size_t bytes, std::uint32_t records) noexcept {
  impl_->add(tenant, bytes, records);
}
void TenantGate::leave(std::string_view tenant, std::size_t bytes) noexcept { impl_->leave(tenant, bytes); }
TenantStatistics TenantGate::statistics() const noexcept { return impl_->statistics(); }

}  // namespace kafka_events
