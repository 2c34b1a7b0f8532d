// What topic administration tells people: names that Kafka can have, and brokers' errors with what to do about them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/topic_admin.h"
#include "kafka/handles.h"

namespace kafka_events {

/// 1 to 249 of [A-Za-z0-9._-], not "." or ".." (Kafka's org.apache.kafka.common.internals.Topic).
[[nodiscard]] Result<void> check_topic_name(std::string_view name);
/// 1 to 1000 of them, none twice.
[[nodiscard]] Result<void> check_topic_names(std::span<const std::string> names);
/// Names and numbers that no broker would take, before anything is sent.
[[nodiscard]] Result<void> check_topic_specs(std::span<const TopicSpec> topics);

/// "the broker's words (CODE): advice". `said`: the broker's own text, may be empty. `advice` (if not empty) goes before
/// what is known about the code.
[[nodiscard]] std::string in_words(rd_kafka_resp_err_t code, std::string_view said, std::string_view advice);

[[nodiscard]] Error stopped_meanwhile();

/// What an existing topic differs in from the request; empty: in nothing that was asked for.
[[nodiscard]] std::string differences(const TopicSpec& wanted, const TopicView& there);

}  // namespace kafka_events
