// The table as an annotated file. A line that begins with "#name" is an option to be taken in by removing the '#'; one
// that begins with "# " is a comment.
#include <algorithm>

#include "config/reference.h"
#include "config/report.h"

namespace kafka_events::config {

namespace {

constexpr std::size_t widest = 110;

std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string start = std::string(indent, ' ') + "#";
  std::string result;
  std::string line = start;
  for (const std::string_view word : split_list(text, ' ')) {
    if (line.size() + word.size() + 1 > widest) {
      result += line + "\n";
      line = start;
    }
    line.append(" ").append(word);
  }
  return result + line + "\n";
}

std::string note(const Option& option) {
  std::string text(option.description);
  const bool plain = option.type == Type::text || option.type == Type::regex || option.type == Type::path;
  const bool structured = option.type == Type::block || option.type == Type::blocks ||
                          option.type == Type::properties || option.type == Type::pairs ||
                          option.type == Type::topic_map;
  if (!plain && !structured) text += " Takes " + expected(option) + ".";
  return text;
}

// Texts with characters that mean something in YAML stand in quotes.
std::string yaml(std::string_view value) {
  const bool quoted_already = value.starts_with('"') || value.starts_with('[') || value.starts_with('{');
  return !quoted_already && value.find('$') != std::string_view::npos ? quoted(value) : std::string(value);
}

std::string value_of(const Option& option) { return yaml(option.fallback.empty() ? option.example : option.fallback); }

bool is_left_out(const Option& option) {
  return option.type == Type::later || option.effect.starts_with("another name");
}

std::string option_lines(const Option& option, std::size_t indent, std::string_view lead);

std::string block_lines(Block block, std::size_t indent, bool item) {
  std::string text;
  bool first = item;
  for (const Option* each : options_of({&block, 1})) {
    if (is_left_out(*each)) continue;
    text += option_lines(*each, first ? indent - 2 : indent, first ? "- " : "");
    first = false;
  }
  return text;
}

std::string option_lines(const Option& option, std::size_t indent, std::string_view lead) {
  const std::string margin(indent, ' ');
  // What every file has, or what takes nothing but room, is not commented out.
  const bool active = option.name == "bootstrap_servers" || option.name == "consumer-config" ||
                      option.name == "producer-config" || option.name == "inbound";
  std::string text = wrapped(note(option), indent);
  text += margin + (active ? "" : "#") + std::string(lead) + std::string(option.name) + ":";
  if (option.type == Type::block) return text + "\n" + block_lines(option.child, indent + 2, false);
  if (option.type == Type::blocks) return text + "\n" + block_lines(option.child, indent + 4, true);
  const std::string value = value_of(option);
  return text + (value.empty() ? "" : " " + value) + "\n";
}

}  // namespace

std::string reference_sample() {
  std::string text =
      R"(# Every option of kafka_events, each with its default or an example. What is commented out is not in effect: take the #
# away to change it. "-" and "_" are the same in names. ${NAME}, ${NAME:-default} and ${file:PATH} work in every value, $$ is
# one $. Options before consumer-config may also stand in consumer-config and producer-config, for that side only.
# This file is made by config_reference from the table of options; so are docs/configuration.md and kafka_events.schema.json.
#
# yaml-language-server: $schema=kafka_events.schema.json

kafka_events:
)";
  const auto section = [&](std::string_view title) { text += "\n  ## " + std::string(title) + " ##\n\n"; };
  section("General");
  constexpr Block client = Block::client;
  for (const Option* each : options_of({&client, 1})) {
    if (is_left_out(*each)) continue;
    if (each->name == "security_protocol") section("Security");
    text += option_lines(*each, 2, "");
  }
  section("Everything else");
  constexpr Block top = Block::top;
  for (const Option* each : options_of({&top, 1})) {
    if (!is_left_out(*each)) text += option_lines(*each, 2, "") + "\n";
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace kafka_events::config
