// Which topics hold a worker's dead letters, and what a dead letter says of itself. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/record.h"

namespace kafka_events {

/// Names as Kafka Connect has them (KIP-298).
namespace dead_letter_header {
inline constexpr std::string_view prefix = "__connect.errors.";
inline constexpr std::string_view topic = "__connect.errors.topic";
inline constexpr std::string_view partition = "__connect.errors.partition";
inline constexpr std::string_view offset = "__connect.errors.offset";
inline constexpr std::string_view stage = "__connect.errors.stage";
inline constexpr std::string_view exception = "__connect.errors.exception.class.name";
inline constexpr std::string_view reason = "__connect.errors.exception.message";
inline constexpr std::string_view worker = "__connect.errors.connector.name";
/// How often the record was redriven; it travels on with the record.
inline constexpr std::string_view redrive_count = "kafka_events-redrive-count";
}  // namespace dead_letter_header

/// Does the worker's subscription name or match this topic?
[[nodiscard]] bool reads_topic(const config::WorkerSettings& worker, std::string_view topic);

/// Those of `topics` that may hold dead letters of this worker.
[[nodiscard]] std::vector<std::string> dead_letter_topics(const config::WorkerSettings& worker, std::string_view prefix,
                                                          std::span<const std::string> topics);

/// What the headers of a dead letter say; of several with one name the last counts.
struct DeadLetterOrigin {
  std::string topic;
  std::int32_t partition = -1;  ///< -1: not said
  std::int64_t offset = -1;
  std::string stage;
  std::string exception;
  std::string reason;
  std::string worker;  ///< empty: not said
  std::uint64_t redrive_count = 0;
};

/// None: it is no dead letter of this worker, so it must not be redriven for it.
[[nodiscard]] std::optional<DeadLetterOrigin> origin_of(const InboundRecord& letter,
                                                        const config::WorkerSettings& worker);

/// The headers that a redriven record has: without what made it a dead letter, and counted once more. `count` keeps the
/// text that the last of them refers to.
[[nodiscard]] std::vector<Header> redriven_headers(std::span<const Header> headers, std::uint64_t redriven_before,
                                                   std::string& count);

}  // namespace kafka_events
