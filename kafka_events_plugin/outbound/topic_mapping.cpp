#include "outbound/topic_mapping.h"

namespace kafka_events {
namespace {

constexpr std::string_view separator = "::";
constexpr std::string_view allowed = "letters, digits, '.', '_' and '-' are";

constexpr bool is_allowed(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '.' || character == '_' || character == '-';
}

std::string shown(char character) {
  const auto byte = static_cast<unsigned char>(character);
  if (byte > 0x20 && byte < 0x7F) return std::string("'") + character + "'";
  if (byte == 0x20) return "a space";
  return byte < 0x80 ? "a control character" : "a character outside ASCII";
}

}  // namespace

std::string to_kafka_topic(std::string_view event_topic) {
  std::string result;
  result.reserve(event_topic.size());
  for (std::size_t position = 0; position < event_topic.size(); ++position) {
    const bool separates = event_topic.substr(position, separator.size()) == separator;
    result.push_back(separates ? '-' : event_topic[position]);
    if (separates) ++position;
  }
  return result;
}

bool is_plain_topic(std::string_view prefix, std::string_view event_topic, std::string_view kafka_topic) noexcept {
  if (!kafka_topic.starts_with(prefix)) return false;
  kafka_topic.remove_prefix(prefix.size());
  while (!event_topic.empty() && !kafka_topic.empty()) {
    const bool separates = event_topic.starts_with(separator);
    if (kafka_topic.front() != (separates ? '-' : event_topic.front())) return false;
    kafka_topic.remove_prefix(1);
    event_topic.remove_prefix(separates ? separator.size() : 1);
  }
  return event_topic.empty() && kafka_topic.empty();
}

std::string to_event_topic(std::string_view kafka_topic) {
  std::string result;
  result.reserve(kafka_topic.size() + 16);
  for (const char character : kafka_topic) {
    if (character == '-') {
      result += separator;
    } else {
      result.push_back(character);
    }
  }
  return result;
}

bool can_be_undone(std::string_view event_topic) noexcept { return event_topic.find('-') == std::string_view::npos; }

std::optional<std::size_t> first_forbidden_character(std::string_view name) noexcept {
  for (std::size_t position = 0; position < name.size(); ++position) {
    if (!is_allowed(name[position])) return position;
  }
  return std::nullopt;
}

std::optional<TopicNameProblem> check_kafka_topic(std::string_view name) {
  if (name.empty()) return TopicNameProblem{"the name is empty", std::nullopt};
  if (name.size() > max_kafka_topic_length) {
    return TopicNameProblem{"the name has " + std::to_string(name.size()) + " characters, " +
                                std::to_string(max_kafka_topic_length) + " are allowed",
                            std::nullopt};
  }
  if (name == "." || name == "..") return TopicNameProblem{"\".\" and \"..\" are not allowed", std::nullopt};
  const std::optional<std::size_t> position = first_forbidden_character(name);
  if (!position) return std::nullopt;
  return TopicNameProblem{shown(name[*position]) + " at position " + std::to_string(*position + 1) +
                              " is not allowed (" + std::string(allowed) + ")",
                          position};
}

}  // namespace kafka_events
