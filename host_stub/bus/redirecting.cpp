// Where an event goes whose handlers are not live any more when their turn comes: to the hold that took their place
// while this publish was on its way, or nowhere, because they were removed. And from a hold on to the next handlers.
#include "bus/redirecting.h"

#include <vector>

#include "bus/handler_call.h"
#include "core/abi_text.h"

namespace host_stub {
namespace {

/// Holds that the event went to already: they have taken it for all the handlers that they stand for. A list on the stack.
struct TakenBy {
  const HeldEvents& hold;
  const TakenBy* before;
};

bool was_taken_for(const Subscription& subscription, const TakenBy* by) noexcept {
  for (; by != nullptr; by = by->before) {
    if (by->hold.covers(subscription)) return true;
  }
  return false;
}

/// The hold that took the subscription's place after the table of `generation` was made, or null. What is older than
/// this table is over and may be gone.
HeldEvents* hold_since(const Subscription& subscription, std::uint64_t generation) noexcept {
  if (subscription.held_since.load(std::memory_order_seq_cst) <= generation) return nullptr;
  return subscription.hold.load(std::memory_order_seq_cst);
}

std::int32_t outcome_of(std::int32_t answer) noexcept {
  if (answer == AGENT_HANDLER_DONE) return AGENT_OUTCOME_DONE;
  return answer == AGENT_HANDLER_BUSY ? AGENT_OUTCOME_BUSY : AGENT_OUTCOME_FAILED;
}

}  // namespace

/// The rest of call_handlers(), from the first handler on that is not live. `before` is a TakenBy.
void BusCore::call_redirected(const Stale& stale, std::size_t at, const void* before, Handled& handled) {
  const auto* taken = static_cast<const TakenBy*>(before);
  std::atomic<const Subscription*>& calling = stale.slot.calls[stale.slot.depth - 1];
  for (; at < stale.handlers.size(); ++at) {
    const Subscription& subscription = *stale.handlers[at];
    if (was_taken_for(subscription, taken)) continue;
    announce(calling, &subscription, cheap_);
    if (subscription.reach.load(std::memory_order_seq_cst) == Reach::live) {
      count_answer(handled, call_handler(subscription, stale.block), stale.block, subscription);
      if (stale.slot.removed_itself) finish_own_removal(stale.slot, subscription);
    } else if (HeldEvents* hold = hold_since(subscription, stale.generation); hold != nullptr) {
      count_answer(handled, hold->take(stale.slot, stale.block, subscription.token), stale.block, subscription);
      const TakenBy now{*hold, taken};
      return call_redirected(stale, at + 1, &now, handled);
    }
  }
}

std::int32_t BusCore::pass_on(ThreadSlot& slot, const HeldEvents& hold, EventBlock& block, std::uint64_t first) {
  std::vector<Subscription*> wanted;
  for (Subscription* target : hold.targets()) {
    if (hold.is_for(*target, to_view(block.event.topic), first)) wanted.push_back(target);
  }
  if (wanted.empty()) return AGENT_HANDLER_DONE;
  const auto handlings = static_cast<std::uint32_t>(wanted.size());  // one of them is the hold's own
  block.word.fetch_add((handlings - 1) * EventBlock::one_handling, std::memory_order_relaxed);
  Handled handled;
  call_redirected({slot, wanted, hold.generation(), block}, 0, nullptr, handled);
  slot.handler_calls.add(handled.called);
  if (handled.later == handlings) return AGENT_HANDLER_LATER;
  const std::int32_t own = handled.failed > 0 ? AGENT_HANDLER_FAILED
                           : handled.busy > 0 ? AGENT_HANDLER_BUSY
                                              : AGENT_HANDLER_DONE;
  for (std::uint32_t ended = 1; ended < handlings - handled.later; ++ended) {
    const std::uint32_t failed = handled.failed, busy = handled.busy;
    complete(block,
             ended < failed          ? AGENT_OUTCOME_FAILED
             : ended < failed + busy ? AGENT_OUTCOME_BUSY
                                     : AGENT_OUTCOME_DONE,
             {});
  }
  return own;
}

bool BusCore::offer(Offer& offer) {
  EventBlock& block = *offer.item.block;
  std::atomic<const Subscription*>& calling = offer.slot.calls[offer.slot.depth - 1];
  for (const Subscription* target : offer.targets) {
    if (target->token < offer.item.resume) continue;
    if (!offer.hold.is_for(*target, to_view(block.event.topic), offer.item.first)) continue;
    announce(calling, target, cheap_);
    if (target->reach.load(std::memory_order_seq_cst) != Reach::live) continue;
    block.word.fetch_add(EventBlock::one_handling, std::memory_order_relaxed);  // LATER may be completed at once
    offer.slot.handler_calls.add();
    const std::int32_t answer = call_handler(*target, block);
    if (offer.slot.removed_itself) finish_own_removal(offer.slot, *target);
    if (answer == AGENT_HANDLER_BUSY && !offer.last_try) {
      block.word.fetch_sub(EventBlock::one_handling, std::memory_order_relaxed);  // not the last: the hold has one
      offer.item.resume = target->token;
      calling.store(nullptr, std::memory_order_release);
      return false;
    }
    offer.refused |= answer == AGENT_HANDLER_BUSY;
    if (answer == AGENT_HANDLER_LATER) continue;
    if (answer != AGENT_HANDLER_DONE && answer != AGENT_HANDLER_BUSY) note_defect(block, *target, answer);
    complete(block, outcome_of(answer), {});
  }
  calling.store(nullptr, std::memory_order_release);
  complete(block, AGENT_OUTCOME_DONE, {});
  return true;
}

}  // namespace host_stub
