#include "outbound/tenant_table.h"

#include <algorithm>
#include <exception>

namespace kafka_events {
namespace {

constexpr std::size_t first_index = 16;
constexpr std::size_t looked_at = 16;  // entries, before the table grows

}  // namespace

TenantEntry* TenantTable::find(std::uint64_t hash) noexcept {
  if (index_.empty()) return nullptr;
  for (std::size_t slot = home(hash); index_[slot] != free_slot; slot = (slot + 1) & (index_.size() - 1)) {
    TenantEntry& entry = at(index_[slot]);
    if (entry.hash == hash) return &entry;
  }
  return nullptr;
}

TenantEntry* TenantTable::find_or_add(std::uint64_t hash, std::int64_t now, bool may_grow) noexcept {
  if (TenantEntry* known = find(hash); known != nullptr) return known;
  TenantEntry* entry = take_one_at_rest(now);
  if (entry == nullptr) {
    if (!may_grow) return nullptr;
    try {
      entry = grow();
    } catch (const std::exception&) {
      return nullptr;
    }
  }
  const std::uint32_t position = entry->slot;
  *entry = {.hash = hash};
  put(position);
  return entry;
}

/// Its entry, no longer in the index; `slot` is its position then.
TenantEntry* TenantTable::take_one_at_rest(std::int64_t now) noexcept {
  const std::size_t most = std::min(size_, looked_at);
  for (std::size_t looked = 0; looked < most; ++looked) {
    hand_ = hand_ + 1 < size_ ? hand_ + 1 : 0;
    TenantEntry& entry = at(hand_);
    if (!entry.at_rest(now)) continue;
    remove_from_index(entry.slot);
    entry.slot = static_cast<std::uint32_t>(hand_);
    return &entry;
  }
  return nullptr;
}

TenantEntry* TenantTable::grow() {
  if ((size_ + 1) * 4 > index_.size() * 3) grow_index();
  if (size_ == chunks_.size() * chunk_entries) chunks_.push_back(std::make_unique<Chunk>());
  TenantEntry& entry = at(size_);
  entry.slot = static_cast<std::uint32_t>(size_++);
  return &entry;
}

void TenantTable::grow_index() {
  std::vector<std::uint32_t> larger(std::max(first_index, index_.size() * 2), free_slot);
  index_.swap(larger);
  for (std::size_t position = 0; position < size_; ++position) put(static_cast<std::uint32_t>(position));
}

void TenantTable::put(std::uint32_t position) noexcept {
  TenantEntry& entry = at(position);
  std::size_t slot = home(entry.hash);
  while (index_[slot] != free_slot) slot = (slot + 1) & (index_.size() - 1);
  index_[slot] = position;
  entry.slot = static_cast<std::uint32_t>(slot);
}

// Linear probing without marks of the deleted: what follows moves up (Knuth, The Art of Computer Programming, 6.4,
// algorithm R).
void TenantTable::remove_from_index(std::size_t slot) noexcept {
  const std::size_t mask = index_.size() - 1;
  std::size_t hole = slot;
  for (std::size_t next = (hole + 1) & mask; index_[next] != free_slot; next = (next + 1) & mask) {
    TenantEntry& entry = at(index_[next]);
    if (((next - home(entry.hash)) & mask) < ((next - hole) & mask)) continue;
    index_[hole] = index_[next];
    entry.slot = static_cast<std::uint32_t>(hole);
    hole = next;
  }
  index_[hole] = free_slot;
}

std::size_t TenantTable::bytes() const noexcept {
  return chunks_.size() * sizeof(Chunk) + chunks_.capacity() * sizeof(chunks_[0]) +
         index_.capacity() * sizeof(index_[0]);
}

}  // namespace kafka_events
