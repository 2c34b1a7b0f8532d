// Who waits for an answer. The outbound pipeline enters a request before it sends the record; the consumer of reply topics
// finds it again by its correlation id.
#pragma once

#include <chrono>
#include <string_view>

#include "core/event.h"
#include "core/result.h"

namespace kafka_events {

/// Headers as Spring for Apache Kafka has them (KafkaHeaders.REPLY_TOPIC, CORRELATION_ID).
inline constexpr std::string_view reply_topic_header = "kafka_replyTopic";
inline constexpr std::string_view correlation_header = "kafka_correlationId";
/// Of an event that is a request: how long its answer may take, in milliseconds; beats the route's reply_timeout_ms.
inline constexpr std::string_view request_timeout_header = "agent-request-timeout-ms";
/// Of an inbound event that wants an answer: the event topic to publish the answer on. With the request's correlation id
/// the answer goes to the request's reply topic.
inline constexpr std::string_view reply_to_header = "agent-reply-to";
/// What the value of reply_to_header begins with; the Kafka topic follows.
inline constexpr std::string_view reply_event_prefix = "kafka_events::reply::";

/// Any thread; nothing here waits.
class RequestBook {
 public:
  virtual ~RequestBook() = default;
  /// Before the record is sent. busy: too many wait, or answers cannot be read yet (with a message for the publisher);
  /// exists: a request with this correlation id waits already.
  virtual Result<void> open(std::string_view correlation_id, const Event& request,
                            std::chrono::milliseconds timeout) = 0;
  /// The record was refused or not delivered: nobody waits any more. Unknown ids are ignored.
  virtual void cancel(std::string_view correlation_id) noexcept = 0;
};

}  // namespace kafka_events
