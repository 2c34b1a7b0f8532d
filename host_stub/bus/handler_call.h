// One call of one handler: what it answered, and how that counts.
#pragma once

#include <cstdint>
#include <new>
#include <string>

#include "bus/bus_core.h"

namespace host_stub {

constexpr std::int32_t threw = -1;  // not an answer of the ABI

inline std::int32_t call_handler(const Subscription& subscription, const EventBlock& block) noexcept {
  try {
    return subscription.on_event(subscription.context, &block.event);
  } catch (...) {
    return threw;
  }
}

/// Says for a handler that did not answer as it should why it counts as failed.
inline void note_defect(EventBlock& block, const Subscription& subscription, std::int32_t answer) noexcept {
  if (answer == AGENT_HANDLER_FAILED) return;
  if (block.completed == nullptr || block.detail.load(std::memory_order_relaxed) != nullptr) return;
  try {
    keep_detail(block, "handler " + subscription.name +
                           (answer == threw ? " threw an exception" : " gave an answer that is none"));
  } catch (const std::bad_alloc&) {  // it failed all the same, only without the reason
  }
}

inline void count_answer(Handled& handled, std::int32_t answer, EventBlock& block,
                         const Subscription& subscription) noexcept {
  ++handled.called;
  if (answer == AGENT_HANDLER_LATER) {
    ++handled.later;
  } else if (answer == AGENT_HANDLER_BUSY) {
    ++handled.busy;
  } else if (answer != AGENT_HANDLER_DONE) {
    ++handled.failed;
    note_defect(block, subscription, answer);
  }
}

}  // namespace host_stub
