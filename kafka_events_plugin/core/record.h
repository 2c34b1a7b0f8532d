// Kafka records as plain values, on their way out and in. No type of librdkafka appears here.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/event.h"

namespace kafka_events {

/// A topic that a RecordSink has opened; an index, cheap to keep and to pass.
enum class TopicId : std::uint32_t {};

inline constexpr std::int32_t partition_by_key = -1;

/// A record to be produced. Views are borrowed for the call; the event is retained by whoever accepts the record.
struct OutboundRecord {
  TopicId topic{};
  std::int32_t partition = partition_by_key;
  Bytes key;
  Bytes value;
  /// The value lies in the event's own payload, which outlives the delivery: it is not copied.
  bool value_in_event = false;
  std::span<const Header> headers;
  std::int64_t timestamp_ms = 0;  ///< 0: now
  /// What its report is told by: the event, or, if that is null, a number of the sender's (an outbox position).
  EventHandle event = nullptr;
  std::uint64_t number = 0;  ///< below 2^63
  /// The event as its handler sees it, for whoever keeps the record for later. Borrowed for the call; may be null.
  const Event* source = nullptr;
};

/// What a publisher is told whose event lies in the outbox while Kafka is away.
inline constexpr std::string_view kept_in_outbox = "kept in the outbox until Kafka takes it";

enum class SendStatus : std::uint8_t {
  accepted,   ///< its report will come
  kept,       ///< it lies in the outbox, safely; its report comes without the event handle, perhaps after a restart
  full,       ///< a bounded queue is full; nothing was taken
  too_large,  ///< over message.max.bytes; nothing was taken
  refused,    ///< cannot be produced (unknown partition, fatal error, stopped); nothing was taken
};

/// Whether sending a failed record once more can help.
enum class Failure : std::uint8_t {
  none,       ///< it was delivered
  transient,  ///< the broker was away, the client was renewed or stopped, the time was over
  permanent,  ///< the broker will never take it: too large, not authorized, no such topic or partition
};

/// The record behind a failed delivery, so that somebody else may keep it. Views are valid during the report only.
struct FailedDelivery {
  Bytes key;
  Bytes value;
  std::span<const Header> headers;
  std::int64_t timestamp_ms = 0;
  bool maybe_written = false;  ///< it was on its way: the broker may have it
};

/// What became of one accepted record.
struct DeliveryReport {
  EventHandle event = nullptr;    ///< null: `number` says which record
  std::uint64_t number = 0;       ///< of OutboundRecord, if it had no event
  const Event* source = nullptr;  ///< set if the record came from the outbox; else the bus knows the event
  std::string_view topic;         ///< Kafka topic
  std::int32_t partition = -1;
  std::int64_t offset = -1;  ///< -1 if the broker did not say (acks=0)
  bool delivered = false;
  Failure failure = Failure::none;
  std::string_view reason;                 ///< of a failure, for a person; empty if delivered
  const FailedDelivery* failed = nullptr;  ///< the record itself; null if delivered
  std::int64_t latency_us = 0;             ///< from enqueue to report; of a batch, to that of a neighbour
  std::uint64_t value_bytes = 0;
};

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// A record that came from Kafka. Views are valid until release(owner) is called, which its receiver does exactly once
/// (or hands on to the bus as the payload's owner).
struct InboundRecord {
  std::string_view topic{};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  ///< -1: none
  Bytes key{};
  Bytes value{};
  std::span<const Header> headers{};
  void* owner = nullptr;
  void (*release)(void* owner) = nullptr;  ///< a function of librdkafka: outlives this module
};

}  // namespace kafka_events
