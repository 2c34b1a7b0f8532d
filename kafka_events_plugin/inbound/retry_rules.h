// Rules that every flow applies to records which did not succeed. Pure, but for the announcement.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/ports.h"

namespace kafka_events {

/// How long to wait after so many failed attempts: doubles up to the longest.
[[nodiscard]] std::chrono::milliseconds pause_after(const config::RetrySettings& retries, std::uint32_t attempts);

/// Where dead letters of this Kafka topic go.
[[nodiscard]] std::string dead_letter_topic(const config::WorkerSettings& settings, std::string_view prefix,
                                            std::string_view topic);

/// Publishes kafka_events::skipped for a record, whose id it carries, not its payload.
void announce_skipped(EventBus& bus, std::string_view record_id, std::string_view reason);

}  // namespace kafka_events
