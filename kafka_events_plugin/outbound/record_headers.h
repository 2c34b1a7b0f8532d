// The headers of an event's record: the event's own, those that it has for Kafka, and those that say where it comes from.
// Only what carries information is written: without any header, a record takes the sink's fast way.
#pragma once

#include <string_view>

#include "core/event.h"
#include "core/result.h"
#include "outbound/route_cache.h"

namespace kafka_events {

struct RecordStorage;

/// What is known of the record besides its event and route.
struct HeaderContext {
  std::string_view kafka_topic;
  Bytes key{};
  std::string_view topic_prefix;
  std::string_view origin;  ///< of this agent; empty: records do not say who wrote them
  bool comes_back = false;  ///< a consumer of this process reads kafka_topic
};

/// Adds them to storage.headers. Of a request also correlation_id. Fails when the topic for its answer cannot be made.
Result<void> add_headers(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                         const HeaderContext& context, RecordStorage& storage);

}  // namespace kafka_events
