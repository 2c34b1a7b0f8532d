// Settings of a producer that writes records which were consumed: whatever could be read can be written.
#pragma once

#include "config/settings.h"

namespace kafka_events {

/// librdkafka's consumer takes records of up to receive.message.max.bytes (100,000,000 unless it was raised), far more
/// than a producer's message.max.bytes; the topic's own limit still holds.
[[nodiscard]] config::ProducerSettings for_whole_records(config::ProducerSettings settings);

}  // namespace kafka_events
