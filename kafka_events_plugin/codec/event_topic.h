// What an ACA-Py event topic says of its event: acapy::record::<category>::<state>, acapy::webhook::<category>.
#pragma once

#include <string_view>

namespace kafka_events {

/// Views into the topic; empty where the topic does not say.
struct TopicParts {
  std::string_view category;
  std::string_view state;
};

[[nodiscard]] TopicParts parts_of(std::string_view event_topic) noexcept;

}  // namespace kafka_events
