// What the bus keeps for each thread that uses it: what the thread is reading and calling at the moment, its share of
// the counters, its event pool. Only the thread itself writes here (but for the pool's list of returned blocks); others
// read.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "bus/event_bus.h"
#include "bus/event_pool.h"
#include "bus/topic_cache.h"

namespace host_stub {

class BusCore;

/// A count that one thread raises and any thread reads.
class OwnCount {
 public:
  void add(std::uint64_t more = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t load() const noexcept { return value_.load(std::memory_order_acquire); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Displaced cache entries that readers may still hold. Used by the slot's thread only.
struct RetiredTopics {
  struct Waiting {
    std::uint64_t epoch;
    CachedTopic* entry;
  };
  std::vector<CachedTopic*> fresh;  ///< not yet given an epoch: one barrier serves many
  std::vector<Waiting> waiting;
};

struct alignas(128) ThreadSlot {
  explicit ThreadSlot(BusCore& core) noexcept : pool(core) {}
  ~ThreadSlot();

  std::atomic<std::uint64_t> epoch{0};  ///< the epoch in which the thread began to read; 0: it reads nothing
  std::uint32_t depth = 0;              ///< reads within reads: publish() in a handler
  bool removed_itself = false;          ///< a handler on `calls` has removed its own subscription
  /// The subscription that each level of nested publishing is calling, or null.
  std::array<std::atomic<const Subscription*>, EventBus::max_nesting> calls{};

  std::uint64_t next_id = 0;  ///< event numbers that this thread has reserved: [next_id, end_id)
  std::uint64_t end_id = 0;

  OwnCount published, handler_calls, failed, busy, misses;
  OwnCount opened, closed;    ///< events that outlived their publish(), and of these, those whose handlings all ended
  OwnCount allocated, freed;  ///< events

  RetiredTopics retired;
  BlockPool pool;

  ThreadSlot* next = nullptr;      ///< set before the slot is published, constant afterwards
  std::atomic<bool> in_use{true};  ///< false: its thread has ended, the next new one takes it over

  [[nodiscard]] bool is_calling(const Subscription* subscription) const noexcept {
    for (const auto& call : calls) {
      if (call.load(std::memory_order_seq_cst) == subscription) return true;
    }
    return false;
  }
};

/// The slot of the calling thread. The first use on a thread takes a lock and may throw std::bad_alloc.
[[nodiscard]] ThreadSlot& slot_of_this_thread(BusCore& core);

}  // namespace host_stub
