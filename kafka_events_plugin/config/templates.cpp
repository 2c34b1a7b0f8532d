// Templates are literal text with {placeholders}; $name is the older spelling of {name}.
#include "config/templates.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "config/report.h"

namespace kafka_events::config {

namespace {

// Templates of routes are filled in from events, all others from Kafka topics.
bool is_over_events(const Option& option) {
  return (option.block == Block::route && option.type != Type::subject) || option.type == Type::topic_map;
}

std::vector<std::string_view> known_names(const Option& option) {
  if (is_over_events(option)) return {"topic", "topic:kafka", "tenant", "wallet_id", "state", "category"};
  if (option.type == Type::topic_template || option.type == Type::subject) return {"topic"};
  return {"topic", "topic:event"};
}

bool is_group(std::string_view name) { return name.size() == 1 && name[0] >= '1' && name[0] <= '9'; }

bool is_word_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<std::string> name_problem(const Option& option, std::string_view name) {
  const std::vector<std::string_view> known = known_names(option);
  if (std::ranges::find(known, name) != known.end()) return std::nullopt;
  if (is_over_events(option)) {
    if (is_group(name)) return std::nullopt;
    if (name.starts_with("header.") && name.size() > 7) return std::nullopt;
    if (name.starts_with("payload./")) return std::nullopt;
    if (name.starts_with("payload.")) return std::string("{").append(name) + "} needs a JSON pointer: {payload./name}";
  }
  std::string message = std::string("{").append(name) + "} is no placeholder; known are";
  for (const std::string_view each : known) message += " {" + std::string(each) + "}";
  if (const std::string_view found = nearest(name, known); !found.empty()) {
    message += " (did you mean {" + std::string(found) + "}?)";
  }
  return message;
}

// Calls on_name for every placeholder and on_literal for every other character until one of them answers with a
// problem. `doubled`: {{ and }} stand for the characters themselves, as templates over events have it.
std::optional<std::string> walk(std::string_view text,
                                const std::function<std::optional<std::string>(std::string_view)>& on_name,
                                const std::function<std::optional<std::string>(char)>& on_literal,
                                bool doubled = true) {
  for (std::size_t i = 0; i < text.size();) {
    std::optional<std::string> problem;
    if (doubled && (text[i] == '{' || text[i] == '}') && i + 1 < text.size() && text[i + 1] == text[i]) {
      problem = on_literal(text[i]);
      i += 2;
    } else if (text[i] == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) return "\"{\" is never closed";
      problem = on_name(text.substr(i + 1, end - i - 1));
      i = end + 1;
    } else if (text[i] == '}') {
      return "\"}\" closes nothing";
    } else if (text[i] == '$' && i + 1 < text.size() && is_word_character(text[i + 1])) {
      std::size_t end = i + 1;
      while (end < text.size() && is_word_character(text[end])) ++end;
      problem = on_name(text.substr(i + 1, end - i - 1));
      i = end;
    } else {
      problem = on_literal(text[i]);
      ++i;
    }
    if (problem) return problem;
  }
  return std::nullopt;
}

}  // namespace

bool is_topic_character(char c) { return is_word_character(c) || c == '.' || c == '-'; }

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_topic && name != "." && name != ".." &&
         std::ranges::all_of(name, is_topic_character);
}

bool is_template_name(std::string_view name) {
  const auto names = known_names(option(Block::route, "topic"));
  return std::ranges::find(names, name) != names.end();
}

std::optional<std::string> template_problem(const Option& option, std::string_view text) {
  const bool topic = option.type == Type::topic_template || option.type == Type::topic_map;
  // Empty: nobody wants an answer.
  if (topic && text.empty() && option.name == "reply_to") return std::nullopt;
  if (topic && text.empty()) return "is empty; a topic is needed";
  if (option.type == Type::subject && text.empty()) return "is empty; a subject is needed";
  return walk(
      text, [&](std::string_view name) { return name_problem(option, name); },
      [&](char c) -> std::optional<std::string> {
        if (!topic || is_topic_character(c)) return std::nullopt;
        return "no topic can hold " + quoted({&c, 1}) + "; use A-Z a-z 0-9 . _ -";
      },
      is_over_events(option));
}

bool depends_on_topic_only(std::string_view text) {
  bool only = true;
  (void)walk(
      text,
      [&](std::string_view name) -> std::optional<std::string> {
        only = only && name != "tenant" && name != "wallet_id" && !name.starts_with("header.") &&
               !name.starts_with("payload.");
        return std::nullopt;
      },
      [](char) { return std::nullopt; });
  return only;
}

bool is_constant(std::string_view text) {
  bool constant = true;
  (void)walk(
      text,
      [&](std::string_view) -> std::optional<std::string> {
        constant = false;
        return std::nullopt;
      },
      [](char) { return std::nullopt; });
  return constant;
}

int highest_group(std::string_view text) {
  int highest = 0;
  (void)walk(
      text,
      [&](std::string_view name) -> std::optional<std::string> {
        if (is_group(name)) highest = std::max(highest, name[0] - '0');
        return std::nullopt;
      },
      [](char) { return std::nullopt; });
  return highest;
}

}  // namespace kafka_events::config
