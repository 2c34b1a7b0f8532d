// Which open transaction an event belongs to: the one in which the inbound record is handled that caused it. The
// outbound pipeline asks before it sends an event of an exactly_once route; exactly_once workers answer.
#pragma once

#include <string_view>

#include "core/event.h"
#include "core/ports.h"

namespace kafka_events {

/// A handler that answered "later" and publishes from another thread names the inbound event's id (topic:partition:
/// offset) in this header, so that its event joins the transaction of that record.
inline constexpr std::string_view cause_header = "agent-cause";

class TransactionScopes {
 public:
  virtual ~TransactionScopes() = default;

  /// The sink of the transaction that `event` belongs to: it is published on a consumer's thread while an inbound event
  /// is being handed to its handlers, or names its cause. Null: none. The caller opens the record's topic in this sink
  /// and sends within the same on_event(). A sink that refuses means that the attempt which caused the event was given
  /// up: it must not be sent any other way, because the record will be handled again. Records accepted by it: the
  /// event is completed with the broker's acknowledgement; the report reaches the outbound pipeline's DeliveryListener
  /// after the commit, with `source` set and without an event, and never after an abort.
  /// [any thread; one atomic load while no transaction is open]
  [[nodiscard]] virtual RecordSink* sink_for(const Event& event) noexcept = 0;
};

}  // namespace kafka_events
