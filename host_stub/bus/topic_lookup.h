// From a topic to its handlers: the part that every publish runs.
#pragma once

#include <memory>
#include <string_view>

#include "bus/bus_core.h"

namespace host_stub {

/// A topic's handlers; valid while the Reading lasts in which they were found. No entry: the topic is not allowed.
struct BusCore::Lookup {
  const CachedTopic* entry = nullptr;
  std::unique_ptr<CachedTopic, decltype(&CachedTopic::destroy)> own{nullptr, &CachedTopic::destroy};  // not cached
};

inline BusCore::Lookup BusCore::look_up(ThreadSlot& slot, std::string_view topic) {
  const std::uint64_t hash = topic_hash(topic, seed_);
  const SubscriptionTable* table = table_.load(std::memory_order_seq_cst);
  CachedTopic* entry = cache_.find(hash, topic);
  if (entry == nullptr || entry->generation() != table->generation()) [[unlikely]] {
    return match(slot, *table, topic, hash);
  }
  entry->mark_used();
  Lookup found;
  found.entry = entry;
  return found;
}

}  // namespace host_stub
