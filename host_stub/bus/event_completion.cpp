// How events end: handlings are counted down, the publisher is told once, the memory goes back.
#include <string>

#include "bus/bus_core.h"
#include "bus/event_reference.h"
#include "core/abi_text.h"

namespace host_stub {
namespace {

/// Counts a handling that did not end well; before it is counted down, so that whoever ends the event sees it.
void note_outcome(EventBlock& block, ThreadSlot& slot, std::int32_t outcome) noexcept {
  if (outcome == AGENT_OUTCOME_DONE) return;
  if (outcome == AGENT_OUTCOME_BUSY) {
    block.busy.fetch_add(1, std::memory_order_relaxed);
    slot.busy.add();
  } else {
    block.failed.fetch_add(1, std::memory_order_relaxed);
    slot.failed.add();
  }
}

/// Counts `shares` handlings down. True: these were the last, and the event is now the caller's to end.
bool count_down(EventBlock& block, std::uint64_t shares, std::uint64_t& left) noexcept {
  left = block.word.fetch_sub(shares * EventBlock::one_handling, std::memory_order_acq_rel) -
         shares * EventBlock::one_handling;
  return EventBlock::handlings(left) == 0;
}

}  // namespace

/// Tells the publisher. The bus's own reference keeps the event meanwhile.
void BusCore::end_handlings(EventBlock& block) noexcept {
  if (block.completed == nullptr) return;
  const std::uint32_t failed = block.failed.load(std::memory_order_relaxed);
  const std::uint32_t busy = block.busy.load(std::memory_order_relaxed);
  const std::int32_t outcome = failed > 0 ? AGENT_OUTCOME_FAILED : busy > 0 ? AGENT_OUTCOME_BUSY : AGENT_OUTCOME_DONE;
  const std::string* detail = block.detail.load(std::memory_order_acquire);
  const agent_event_result result{sizeof(agent_event_result),
                                  outcome,
                                  block.handlers,
                                  busy,
                                  failed,
                                  0,
                                  detail == nullptr ? agent_text{nullptr, 0} : to_text(*detail)};
  try {
    block.completed(block.completion_context, block.cookie, &result);
  } catch (...) {  // told is told: there is nobody else to tell
  }
}

/// The event outlives its publish(): before the publisher's share is counted down, so that nobody ends it before.
void BusCore::open_event(EventBlock& block, ThreadSlot& slot) noexcept {
  slot.opened.add();
  if (block.completed != nullptr && block.outstanding != nullptr) {
    block.outstanding->fetch_add(1, std::memory_order_relaxed);
  }
}

/// All handlings of an opened event have ended. The publisher's counter may go as soon as it was counted down.
void BusCore::close_event(EventBlock& block) noexcept {
  end_handlings(block);
  if (block.completed != nullptr && block.outstanding != nullptr) {
    block.outstanding->fetch_sub(1, std::memory_order_release);
  }
}

void BusCore::settle(ThreadSlot& slot, EventBlock& block, std::uint64_t shares, const Handled& handled) noexcept {
  // Nobody else touches these: the publisher's share is still there.
  slot.handler_calls.add(handled.called);
  block.handlers = handled.called;
  if (handled.failed > 0) {
    block.failed.fetch_add(handled.failed, std::memory_order_relaxed);
    slot.failed.add(handled.failed);
  }
  if (handled.busy > 0) {
    block.busy.fetch_add(handled.busy, std::memory_order_relaxed);
    slot.busy.add(handled.busy);
  }
  const std::uint64_t untouched = shares * EventBlock::one_handling + EventBlock::one_reference;
  if (handled.later == 0 && block.word.load(std::memory_order_acquire) == untouched) [[likely]] {
    end_handlings(block);
    end_event(block);
    slot.freed.add();
    return BlockPool::free(&block, slot.pool);
  }
  open_event(block, slot);
  std::uint64_t left = 0;
  if (!count_down(block, shares - handled.later, left)) return;
  close_event(block);
  slot.closed.add();
  drop_reference(block, slot);
}

void BusCore::drop_reference(EventBlock& block, ThreadSlot& slot) noexcept {
  if (block.word.fetch_sub(EventBlock::one_reference, std::memory_order_acq_rel) != EventBlock::one_reference) return;
  end_event(block);
  slot.freed.add();
  BlockPool::free(&block, slot.pool);
}

void BusCore::complete(EventBlock& block, std::int32_t outcome, std::string_view detail) noexcept {
  ThreadSlot& slot = slot_of_this_thread(*this);
  const bool all_well =
      block.failed.load(std::memory_order_relaxed) == 0 && block.busy.load(std::memory_order_relaxed) == 0;
  note_outcome(block, slot, outcome);
  // Why something failed counts for more than how something went well.
  if (outcome != AGENT_OUTCOME_DONE && all_well) {
    replace_detail(block, detail);
  } else {
    keep_detail(block, detail);
  }
  std::uint64_t left = 0;
  if (!count_down(block, 1, left)) return;
  close_event(block);
  slot.closed.add();
  if (left != EventBlock::one_reference) return drop_reference(block, slot);
  end_event(block);
  slot.freed.add();
  BlockPool::free(&block, slot.pool);
}

void BusCore::complete_many(const agent_event* const* events, std::size_t count, std::int32_t outcome) noexcept {
  ThreadSlot& slot = slot_of_this_thread(*this);
  ReturnBatch batch(slot.pool);
  std::uint64_t closed = 0, freed = 0;
  for (std::size_t index = 0; index < count; ++index) {
    EventBlock& block = EventBlock::of(events[index]);
    note_outcome(block, slot, outcome);
    std::uint64_t left = 0;
    if (!count_down(block, 1, left)) continue;
    close_event(block);
    ++closed;
    if (left != EventBlock::one_reference &&
        block.word.fetch_sub(EventBlock::one_reference, std::memory_order_acq_rel) != EventBlock::one_reference) {
      continue;
    }
    end_event(block);
    ++freed;
    batch.free(&block);
  }
  slot.closed.add(closed);
  slot.freed.add(freed);
}

void retain_event(const agent_event* event) noexcept {
  EventBlock::of(event).word.fetch_add(EventBlock::one_reference, std::memory_order_relaxed);
}

void release_event(const agent_event* event) noexcept {
  EventBlock& block = EventBlock::of(event);
  BusCore& core = block.home().core();
  // After the bus is gone the last event takes the rest with it; until then this reference keeps it.
  const std::shared_ptr<BusCore> orphan = core.is_retired() ? core.shared_from_this() : nullptr;
  BusCore::drop_reference(block, slot_of_this_thread(core));
  if (orphan != nullptr) [[unlikely]]
    orphan->free_if_unused();
}

}  // namespace host_stub
