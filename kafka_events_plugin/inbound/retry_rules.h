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

/// The same for a record that could not be decoded yet, so often in a row: a schema may be known soon.
[[nodiscard]] std::chrono::milliseconds pause_undecided(std::uint32_t times);

/// Where dead letters of this Kafka topic go.
[[nodiscard]] std::string dead_letter_topic(const config::WorkerSettings& settings, std::string_view prefix,
                                            std::string_view topic);

/// Publishes kafka_events::skipped for a record, whose id it carries, not its payload.
void announce_skipped(EventBus& bus, std::string_view record_id, std::string_view reason);

inline constexpr std::string_view loop_reason = "it came through as many agents as loop_guard.max_hops allows";
/// Publishes kafka_events::loop_ended, likewise.
void announce_loop_ended(EventBus& bus, std::string_view record_id);

}  // namespace kafka_events
