// A batch of librdkafka's delivery reports as plain values.
#pragma once

#include <array>
#include <cstdint>

#include "core/ports.h"
#include "kafka/handles.h"

namespace kafka_events {

/// Counted on the delivery thread, read anywhere.
struct DeliveryCounts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
};

/// Hands all reports of a DR event to the listener, in batches; their views are valid during the call.
DeliveryCounts hand_over_reports(rd_kafka_event_t* event, DeliveryListener& listener);

/// Why a delivery failed, for a person. A constant text.
[[nodiscard]] const char* failure_reason(rd_kafka_resp_err_t code) noexcept;

}  // namespace kafka_events
