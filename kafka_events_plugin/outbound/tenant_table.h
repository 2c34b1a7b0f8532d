// What is remembered of tenants, for one part of them: a dense store of small entries and an index over it. It grows in
// small steps, and uses the entry of a tenant at rest again before it grows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace kafka_events {

/// A tenant is its keyed hash. Times are nanoseconds of the gate's clock: the moment from which on the bucket is full
/// again, which is all that a token bucket needs (the virtual scheduling of ITU-T I.371's GCRA).
struct TenantEntry {
  std::uint64_t hash = 0;
  std::int64_t events_full_at = 0;
  std::int64_t bytes_full_at = 0;
  std::uint32_t in_flight = 0;  ///< events
  std::uint32_t units = 0;      ///< of the way out that they take up
  std::uint32_t slot = 0;       ///< in the index

  /// Nothing is lost if it is forgotten.
  [[nodiscard]] bool at_rest(std::int64_t now) const noexcept {
    return in_flight == 0 && events_full_at <= now && bytes_full_at <= now;
  }
};

/// Not thread-safe. Pointers to entries are valid until the next find_or_add().
class TenantTable {
 public:
  static constexpr std::size_t bytes_an_entry = 64;  ///< at most, index included, from a few dozen entries on

  [[nodiscard]] TenantEntry* find(std::uint64_t hash) noexcept;

  /// The tenant's entry, perhaps a new one. Null: `may_grow` says no or there is no memory, and no tenant that was looked at
  /// is at rest.
  TenantEntry* find_or_add(std::uint64_t hash, std::int64_t now, bool may_grow) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  static constexpr std::size_t chunk_entries = 16;
  static constexpr std::uint32_t free_slot = 0xffffffffU;
  using Chunk = std::array<TenantEntry, chunk_entries>;

  [[nodiscard]] TenantEntry& at(std::size_t position) noexcept {
    return (*chunks_[position / chunk_entries])[position % chunk_entries];
  }
  [[nodiscard]] std::size_t home(std::uint64_t hash) const noexcept { return hash & (index_.size() - 1); }
  TenantEntry* take_one_at_rest(std::int64_t now) noexcept;
  TenantEntry* grow();
  void grow_index();
  void put(std::uint32_t position) noexcept;
  void remove_from_index(std::size_t slot) noexcept;

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::uint32_t> index_;  // positions; a power of two, at most three quarters taken
  std::size_t size_ = 0;
  std::size_t hand_ = 0;  // where the search for a tenant at rest goes on
};

}  // namespace kafka_events
