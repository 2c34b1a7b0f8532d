// The hot path: from a draft to the calls of its handlers.
#include <span>
#include <string>

#include "bus/bus_core.h"
#include "bus/handler_call.h"
#include "bus/reading.h"
#include "bus/redirecting.h"
#include "bus/topic_lookup.h"
#include "core/abi_text.h"

namespace host_stub {
namespace {

constexpr std::uint64_t ids_per_reservation = 1024;
/// The owner of a payload that was not copied is told even when nothing comes of the event.
class PayloadGuard {
 public:
  explicit PayloadGuard(const agent_event_draft& draft) noexcept : draft_(&draft) {}
  ~PayloadGuard() {
    if (draft_ != nullptr && draft_->payload_release != nullptr) draft_->payload_release(draft_->payload_owner);
  }
  PayloadGuard(const PayloadGuard&) = delete;
  PayloadGuard& operator=(const PayloadGuard&) = delete;
  void taken_over() noexcept { draft_ = nullptr; }

 private:
  const agent_event_draft* draft_;
};

std::int32_t refuse_topic(std::string_view topic, agent_error* error) {
  if (topic.empty()) return fill_error(error, AGENT_E_INVALID, "the topic of the event is empty");
  if (topic.size() > BusCore::max_topic_bytes) {
    return fill_error(error, AGENT_E_INVALID,
                      "the topic of the event has " + std::to_string(topic.size()) + " bytes; 1024 are allowed");
  }
  return fill_error(error, AGENT_E_INVALID, "the topic of the event is not UTF-8");
}

std::int32_t refuse_size(std::size_t payload, std::size_t besides, std::size_t limit, agent_error* error) {
  const bool in_payload = payload > limit;
  return fill_error(error, AGENT_E_TOO_LARGE,
                    std::string(in_payload ? "the payload" : "key, headers and texts of the event") + " have " +
                        std::to_string(in_payload ? payload : besides) + " bytes; this host allows " +
                        std::to_string(limit));
}

bool is_whole(const agent_event_draft& draft, const agent_event_completion* completion) noexcept {
  if (draft.header_count > 0 && draft.headers == nullptr) return false;
  return completion == nullptr || (completion->size >= sizeof(*completion) && completion->completed != nullptr);
}

/// A completion that throws has been told all the same.
void tell_nobody_listened(const agent_event_completion& completion) noexcept {
  const agent_event_result nobody = Handled{}.result();
  try {
    completion.completed(completion.context, completion.cookie, &nobody);
  } catch (...) {
  }
}

void write_result(agent_event_result* to, const agent_event_result& from) noexcept {
  if (to == nullptr || to->size < sizeof(from)) return;
  const std::uint32_t size = to->size;
  *to = from;
  to->size = size;
}

}  // namespace

std::int32_t BusCore::publish(const agent_event_draft& draft, Publisher publisher,
                              const agent_event_completion* completion, agent_event_result* result,
                              agent_error* error) {
  PayloadGuard payload(draft);
  if (!is_whole(draft, completion)) {
    return fill_error(error, AGENT_E_INVALID, "the event lacks its headers, or its completion a function");
  }
  ThreadSlot& slot = slot_of_this_thread(*this);
  if (slot.depth >= EventBus::max_nesting) {
    return fill_error(error, AGENT_E_STATE, "handlers publish within handlers too deep; do they go in a circle?");
  }
  const Reading reading(*this, slot);
  if (closed_.load(std::memory_order_seq_cst)) return fill_error(error, AGENT_E_STATE, "the host is ending");
  const std::string_view topic = to_view(draft.topic);
  const Lookup found = look_up(slot, topic);
  if (found.entry == nullptr) return refuse_topic(topic, error);
  const std::size_t besides = size_besides_payload(draft);
  const std::size_t limit = options_.max_payload_bytes;
  if (draft.payload.size > limit || besides > limit) return refuse_size(draft.payload.size, besides, limit, error);

  Handled handled;
  if (const std::span<Subscription* const> handlers = found.entry->handlers(); !handlers.empty()) {
    const std::uint64_t shares = handlers.size() + 1;  // one of them the publisher's own
    EventBlock& block = make_event(
        slot.pool, draft, besides,
        {options_.wallet_id, publisher.number, prefix_, reserve_id(slot), static_cast<std::uint32_t>(shares)});
    payload.taken_over();
    slot.allocated.add();
    if (completion != nullptr) block.ask(*completion, publisher.outstanding);
    call_handlers(slot, *found.entry, block, handled);
    settle(slot, block, shares, handled);
  } else if (completion != nullptr) {
    tell_nobody_listened(*completion);
  }
  slot.published.add();
  write_result(result, handled.result());
  if (handled.busy == 0) [[likely]]
    return AGENT_OK;
  return fill_error(error, AGENT_E_BUSY, "at least one handler cannot take the event now");
}

void BusCore::call_handlers(ThreadSlot& slot, const CachedTopic& topic, EventBlock& block, Handled& handled) {
  std::atomic<const Subscription*>& calling = slot.calls[slot.depth - 1];
  const std::span<Subscription* const> handlers = topic.handlers();
  for (std::size_t at = 0; at < handlers.size(); ++at) {
    const Subscription* subscription = handlers[at];
    announce(calling, subscription, cheap_);
    if (subscription->reach.load(std::memory_order_seq_cst) != Reach::live) [[unlikely]] {
      call_redirected({slot, handlers, topic.generation(), block}, at, nullptr, handled);
      break;
    }
    count_answer(handled, call_handler(*subscription, block), block, *subscription);
    if (slot.removed_itself) [[unlikely]]
      finish_own_removal(slot, *subscription);
  }
  calling.store(nullptr, std::memory_order_release);
}

/// A handler that removed itself is removed when its outermost call on this thread has returned.
void BusCore::finish_own_removal(ThreadSlot& slot, const Subscription& subscription) noexcept {
  slot.calls[slot.depth - 1].store(nullptr, std::memory_order_release);
  if (slot.depth == 1) slot.removed_itself = false;
  if (subscription.reach.load(std::memory_order_seq_cst) != Reach::removed || slot.is_calling(&subscription)) return;
  (void)wait_until_not_called(subscription, &slot, std::chrono::steady_clock::time_point::max());
}

std::uint64_t BusCore::reserve_id(ThreadSlot& slot) noexcept {
  if (slot.next_id == slot.end_id) {
    slot.next_id = next_id_.fetch_add(ids_per_reservation, std::memory_order_relaxed);
    slot.end_id = slot.next_id + ids_per_reservation;
  }
  return slot.next_id++;
}

}  // namespace host_stub
