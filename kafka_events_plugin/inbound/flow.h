// What an inbound pipeline is made of: one way of handling a worker's records, as its guarantee wants it.
#pragma once

#include <memory>
#include <string_view>

#include "config/settings.h"
#include "core/ports.h"
#include "inbound/dead_letters.h"
#include "inbound/event_maker.h"
#include "inbound/inbound_parts.h"
#include "inbound/statistics.h"

namespace kafka_events {

class TransactionScope;

class InboundFlow : public RecordHandler {
 public:
  [[nodiscard]] virtual InboundStatistics statistics() const = 0;  ///< [any thread]
};

/// Everything that a flow is given outlives it.
struct FlowParts {
  const config::WorkerSettings& settings;
  std::string_view topic_prefix;
  EventBus& bus;
  DeadLetterSink* dead_letters = nullptr;
  Log& log;
};

/// at_most_once and at_least_once: every record for itself, offsets follow the handlers.
[[nodiscard]] std::unique_ptr<InboundFlow> make_tracked_flow(const FlowParts& parts, std::unique_ptr<EventMaker> maker);

/// exactly_once: records, what their handlers publish, and the offsets in one transaction.
[[nodiscard]] std::unique_ptr<InboundFlow> make_transactional_flow(const FlowParts& parts,
                                                                   std::unique_ptr<EventMaker> maker,
                                                                   TransactionScope& scope);

/// Bytes of records that may be on their way through one worker, besides what librdkafka fetched ahead, which
/// queued.max.messages.kbytes bounds.
inline constexpr std::uint64_t max_held_bytes = 64ULL << 20;

}  // namespace kafka_events
