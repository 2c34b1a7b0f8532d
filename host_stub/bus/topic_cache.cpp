// The cold side of the cache: making entries, choosing what they replace.
#include "bus/topic_cache.h"

#include <algorithm>
#include <bit>
#include <new>

namespace host_stub {

CachedTopic::CachedTopic(std::string_view topic, std::uint64_t hash, std::uint64_t generation,
                         std::span<Subscription* const> handlers) noexcept
    : hash_(hash),
      generation_(generation),
      handler_count_(static_cast<std::uint32_t>(handlers.size())),
      topic_size_(static_cast<std::uint16_t>(topic.size())) {
  auto* places = reinterpret_cast<Subscription**>(this + 1);
  std::copy(handlers.begin(), handlers.end(), places);
  std::copy(topic.begin(), topic.end(), reinterpret_cast<char*>(places + handlers.size()));
}

CachedTopic* CachedTopic::create(std::string_view topic, std::uint64_t hash, std::uint64_t generation,
                                 std::span<Subscription* const> handlers) {
  static_assert(alignof(CachedTopic) >= alignof(Subscription*) && sizeof(CachedTopic) % alignof(Subscription*) == 0);
  void* memory = ::operator new(sizeof(CachedTopic) + handlers.size_bytes() + topic.size());
  return new (memory) CachedTopic(topic, hash, generation, handlers);
}

void CachedTopic::destroy(CachedTopic* entry) noexcept {
  if (entry == nullptr) return;
  entry->~CachedTopic();
  ::operator delete(entry);
}

TopicCache::TopicCache(std::size_t places)
    : sets_(std::bit_ceil(std::max<std::size_t>(places, 4)) / 4), mask_(sets_.size() - 1) {}

TopicCache::~TopicCache() {
  for (Set& set : sets_) {
    for (Cell& cell : set.cells) CachedTopic::destroy(cell.entry.load(std::memory_order_relaxed));
  }
}

CachedTopic* TopicCache::put(CachedTopic* entry) noexcept {
  Cell& cell = choose(sets_[entry->hash() & mask_], *entry);
  CachedTopic* displaced = cell.entry.exchange(entry, std::memory_order_seq_cst);
  cell.hash.store(entry->hash(), std::memory_order_relaxed);
  if (displaced == nullptr) size_.fetch_add(1, std::memory_order_relaxed);
  return displaced;
}

/// Its own place if it is there already, a free one, an outdated one, one that was not used lately, in this order.
TopicCache::Cell& TopicCache::choose(Set& set, const CachedTopic& entry) noexcept {
  Cell* victim = nullptr;
  int victim_rank = 0;
  for (Cell& cell : set.cells) {
    CachedTopic* held = cell.entry.load(std::memory_order_seq_cst);
    int rank = 1;
    if (held == nullptr) {
      rank = 4;
    } else if (held->is(entry.hash(), entry.topic())) {
      rank = 5;
    } else if (held->generation() != entry.generation()) {
      rank = 3;
    } else if (!held->take_used()) {
      rank = 2;
    }
    if (rank > victim_rank) {
      victim = &cell;
      victim_rank = rank;
    }
  }
  return victim_rank > 1 ? *victim : set.cells[(entry.hash() >> 60) & 3];
}

}  // namespace host_stub
