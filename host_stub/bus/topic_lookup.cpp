// A topic that the cache does not know: matching it, putting it in, and freeing what had to make room.
#include "bus/topic_lookup.h"

#include <algorithm>

#include "bus/reading.h"
#include "core/utf8.h"

namespace host_stub {
namespace {

constexpr std::size_t max_retired_topics = 1024;  // while a reader does not end: then the cache takes nothing new
constexpr std::size_t topics_per_barrier = 64;

}  // namespace

BusCore::Lookup BusCore::match(ThreadSlot& slot, const SubscriptionTable& table, std::string_view topic,
                               std::uint64_t hash) {
  Lookup found;
  if (topic.empty() || topic.size() > max_topic_bytes || !is_utf8(topic)) return found;
  slot.misses.add();
  found.own.reset(CachedTopic::create(topic, hash, table.generation(), table.match(topic)));
  found.entry = found.own.get();
  if (slot.retired.waiting.size() < max_retired_topics) {
    retire(slot, cache_.put(found.own.release()));
  } else {
    retire(slot, nullptr);
  }
  return found;
}

/// Frees displaced entries in groups, so that a barrier is paid once for many.
void BusCore::retire(ThreadSlot& slot, CachedTopic* entry) {
  RetiredTopics& retired = slot.retired;
  if (entry != nullptr) retired.fresh.push_back(entry);
  if (retired.fresh.size() < topics_per_barrier && retired.waiting.size() < max_retired_topics) return;
  barrier_everywhere(cheap_);
  const std::uint64_t epoch = epoch_.fetch_add(1, std::memory_order_seq_cst);
  for (CachedTopic* displaced : retired.fresh) retired.waiting.push_back({epoch, displaced});
  retired.fresh.clear();
  const std::uint64_t oldest = oldest_reader();
  std::erase_if(retired.waiting, [&](const RetiredTopics::Waiting& waiting) {
    if (waiting.epoch >= oldest) return false;
    CachedTopic::destroy(waiting.entry);
    return true;
  });
}

std::uint32_t BusCore::listeners(std::string_view topic) {
  ThreadSlot& slot = slot_of_this_thread(*this);
  const Reading reading(*this, slot);
  const Lookup found = look_up(slot, topic);
  return found.entry == nullptr ? 0 : static_cast<std::uint32_t>(found.entry->handlers().size());
}

}  // namespace host_stub
