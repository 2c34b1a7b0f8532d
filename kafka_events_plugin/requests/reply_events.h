// What becomes of a request, as an event of its tenant: <topic>::reply, ::late_reply, ::reply_timeout.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/ports.h"
#include "requests/request_table.h"

namespace kafka_events {

/// Counts the events whose handlers are at work. It lives until the last of them is done, even if its owner is gone.
class EventsInFlight final : public PublishCompletion {
 public:
  static EventsInFlight* make() { return new EventsInFlight; }
  EventsInFlight(const EventsInFlight&) = delete;
  EventsInFlight& operator=(const EventsInFlight&) = delete;

  void begin() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  /// begin() came to nothing, or this is the owner's end.
  void end() noexcept {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  void completed(std::uint64_t, Outcome, std::string_view) noexcept override { end(); }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_acquire) - 1; }

 private:
  EventsInFlight() = default;
  ~EventsInFlight() override = default;
  std::atomic<std::uint64_t> count_{1};  // one is the owner's
};

/// Any thread, but for answer(), which has one.
class ReplyEvents {
 public:
  explicit ReplyEvents(EventBus& bus) : bus_(bus), in_flight_(EventsInFlight::make()) {}
  ~ReplyEvents() { in_flight_->end(); }
  ReplyEvents(const ReplyEvents&) = delete;
  ReplyEvents& operator=(const ReplyEvents&) = delete;

  /// <topic>::reply, or ::late_reply if the request is late: payload, content type and headers are the record's, but for
  /// headers that are between agents; the id is topic:partition:offset. The record stays the caller's.
  Result<void> answer(const PendingRequest& request, const InboundRecord& record);
  /// <topic>::reply_timeout, without a payload; `reason`, if it is not empty, is a header.
  Result<void> timeout(const PendingRequest& request, std::string_view reason);

  [[nodiscard]] std::uint64_t in_flight() const noexcept { return in_flight_->count(); }

 private:
  Result<void> publish(const PendingRequest& request, std::string_view suffix, EventDraft& draft);

  EventBus& bus_;
  EventsInFlight* const in_flight_;
  std::vector<Header> headers_;  // of the answer at hand
};

}  // namespace kafka_events
