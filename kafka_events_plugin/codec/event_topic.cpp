#include "codec/event_topic.h"

namespace kafka_events {

TopicParts parts_of(std::string_view event_topic) noexcept {
  constexpr std::string_view record = "acapy::record::";
  constexpr std::string_view webhook = "acapy::webhook::";
  if (event_topic.starts_with(webhook)) return {event_topic.substr(webhook.size()), {}};
  if (!event_topic.starts_with(record)) return {};
  const std::string_view rest = event_topic.substr(record.size());
  const std::size_t separator = rest.find("::");
  if (separator == std::string_view::npos) return {rest, {}};
  return {rest.substr(0, separator), rest.substr(separator + 2)};
}

}  // namespace kafka_events
