// Finds the calling thread's slot: one comparison when the thread used the same bus last.
#include "bus/thread_slot.h"

#include <algorithm>

#include "bus/bus_core.h"

namespace host_stub {
namespace {

struct Latest {
  std::uint64_t bus;  // ids of buses are never used twice, unlike their addresses
  ThreadSlot* slot;
};
constinit thread_local Latest latest{0, nullptr};
constinit thread_local bool thread_is_ending = false;

/// All slots of this thread. They go back to their buses when the thread ends.
class SlotsOfThread {
 public:
  SlotsOfThread() = default;
  SlotsOfThread(const SlotsOfThread&) = delete;
  SlotsOfThread& operator=(const SlotsOfThread&) = delete;
  ~SlotsOfThread() {
    thread_is_ending = true;
    latest = {0, nullptr};
    for (const Held& held : held_) BusCore::give_slot_back(*held.slot);
  }

  ThreadSlot& of(BusCore& core) {
    std::erase_if(held_, [&](const Held& held) { return held.core.get() != &core && held.core->is_retired(); });
    for (const Held& held : held_) {
      if (held.core.get() == &core) return *held.slot;
    }
    held_.reserve(held_.size() + 1);
    ThreadSlot& slot = core.take_slot();
    held_.push_back({core.shared_from_this(), &slot});
    return slot;
  }

 private:
  struct Held {
    std::shared_ptr<BusCore> core;
    ThreadSlot* slot;
  };
  std::vector<Held> held_;
};

ThreadSlot& find_slot(BusCore& core) {
  // Other thread-local objects may still release events while the thread ends: then a slot is taken for good.
  if (thread_is_ending) {
    latest = {core.id(), &core.take_slot()};
    return *latest.slot;
  }
  thread_local SlotsOfThread slots;
  latest = {core.id(), &slots.of(core)};
  return *latest.slot;
}

}  // namespace

ThreadSlot& slot_of_this_thread(BusCore& core) {
  if (latest.bus == core.id()) [[likely]]
    return *latest.slot;
  return find_slot(core);
}

ThreadSlot::~ThreadSlot() {
  for (CachedTopic* entry : retired.fresh) CachedTopic::destroy(entry);
  for (const auto& waiting : retired.waiting) CachedTopic::destroy(waiting.entry);
}

ThreadSlot& BusCore::take_slot() {
  const std::lock_guard lock(registration_);
  for (ThreadSlot* slot = slots_.load(std::memory_order_relaxed); slot != nullptr; slot = slot->next) {
    bool free = false;
    if (slot->in_use.compare_exchange_strong(free, true, std::memory_order_acquire)) return *slot;
  }
  auto* slot = new ThreadSlot(*this);
  slot->next = slots_.load(std::memory_order_relaxed);
  slots_.store(slot, std::memory_order_seq_cst);
  return *slot;
}

}  // namespace host_stub
