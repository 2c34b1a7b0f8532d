// Batches of librdkafka's delivery reports as plain values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/ports.h"
#include "kafka/handles.h"

namespace kafka_events {

/// Counted on the delivery thread, read anywhere.
struct DeliveryCounts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
};

/// The messages of a DR event; they live as long as the event. It gives each of them out once.
[[nodiscard]] std::vector<const rd_kafka_message_t*> messages_of(rd_kafka_event_t* event);

/// Hands all reports of a DR event to the listener, in batches; their views are valid during the call.
DeliveryCounts hand_over_reports(rd_kafka_event_t* event, DeliveryListener& listener);
/// The same for messages of any origin. `reason` (if not empty) says why they failed, else their own code does.
DeliveryCounts hand_over_reports(std::span<const rd_kafka_message_t* const> messages, DeliveryListener& listener,
                                 std::string_view reason = {});

/// What the record was produced with, in milliseconds since the Unix epoch, also of a record that failed.
[[nodiscard]] std::int64_t timestamp_ms(const rd_kafka_message_t& message) noexcept;

/// Why a delivery failed, for a person. A constant text.
[[nodiscard]] const char* failure_reason(rd_kafka_resp_err_t code) noexcept;
/// Whether a record that failed with this code may be delivered if it is sent once more.
[[nodiscard]] Failure failure_kind(rd_kafka_resp_err_t code) noexcept;
/// Not delivered, but because of its client, not of its own: neither refused for good nor out of time.
[[nodiscard]] bool is_lost(const rd_kafka_message_t& message) noexcept;

}  // namespace kafka_events
