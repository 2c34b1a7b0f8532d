// The topic rule of the ACA-Py plugin, and what Kafka accepts as a topic name. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kafka_events {

/// acapy::outbound::message to acapy-outbound-message.
[[nodiscard]] std::string to_kafka_topic(std::string_view event_topic);

/// Whether a Kafka topic is the prefix and what to_kafka_topic() makes of an event topic.
[[nodiscard]] bool is_plain_topic(std::string_view prefix, std::string_view event_topic,
                                  std::string_view kafka_topic) noexcept;
/// acapy-inbound-message to acapy::inbound::message.
[[nodiscard]] std::string to_event_topic(std::string_view kafka_topic);
/// Does to_event_topic(to_kafka_topic(topic)) give the topic back? Not for acapy::record::present-proof.
[[nodiscard]] bool can_be_undone(std::string_view event_topic) noexcept;

inline constexpr std::size_t max_kafka_topic_length = 249;  ///< org.apache.kafka.common.internals.Topic

/// What is wrong with a Kafka topic name, without the name itself: that may hold a tenant's id.
struct TopicNameProblem {
  std::string message;                  ///< "':' at position 5 is not allowed, …"
  std::optional<std::size_t> position;  ///< of the wrong character, from 0
};

/// Position of the first character that no Kafka topic name may hold.
[[nodiscard]] std::optional<std::size_t> first_forbidden_character(std::string_view name) noexcept;

/// [A-Za-z0-9._-]{1,249}, not "." nor "..". None: the name is good.
[[nodiscard]] std::optional<TopicNameProblem> check_kafka_topic(std::string_view name);

}  // namespace kafka_events
