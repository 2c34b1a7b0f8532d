// The table as JSON Schema 2020-12, for editors that complete and check YAML.
#include <algorithm>
#include <array>

#include "config/reference.h"
#include "config/report.h"

namespace kafka_events::config {

namespace {

constexpr std::string_view placeholder = R"({"$ref": "#/$defs/placeholder"})";

std::string json(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789-") == std::string_view::npos;
}

std::string_view definition(Block block) {
  constexpr std::array<std::string_view, block_count> names = {
      "kafka_events", "client",  "consumer-config", "producer-config", "ssl_context", "sasl_oauth_token_provider",
      "inbound",      "retries", "worker",          "route",           "outbox",      "schema_registry",
      "topics",       "topic",   "tenants",         "loop_guard",      "requests",    "cloudevents"};
  return names[static_cast<std::size_t>(block)];
}

std::string reference_to(Block block) { return R"({"$ref": "#/$defs/)" + std::string(definition(block)) + "\"}"; }

std::string enumeration(const Option& option) {
  std::string values;
  for (const std::string_view choice : split_list(option.choices)) {
    values += (values.empty() ? "" : ", ") + json(choice);
    if (is_number(choice)) values += ", " + std::string(choice);
  }
  return "{\"enum\": [" + values + "]}";
}

std::string integer(const Option& option) {
  return R"({"type": "integer", "minimum": )" + std::to_string(option.range.least) +
         ", \"maximum\": " + std::to_string(option.range.most) + "}";
}

// The forms that a value may take, as schemas.
std::vector<std::string> forms(const Option& option) {
  const std::string either(placeholder);
  switch (option.type) {
    case Type::integer:
      return {integer(option), either};
    case Type::bytes:
      return {integer(option), R"re({"type": "string", "pattern": "^[0-9]+ *([kKMGT]i?)?B?$"})re", either};
    case Type::integers:
      return {integer(option), "{\"type\": \"array\", \"items\": " + integer(option) + "}",
              R"({"type": "string", "pattern": "^[0-9]+( *, *[0-9]+)*$"})", either};
    case Type::schema_version:
      return {R"({"const": "latest"})", R"({"type": "integer", "minimum": 1, "maximum": 2147483647})", either};
    case Type::boolean:
      return {R"({"type": "boolean"})", either};
    case Type::choice:
      return {enumeration(option), either};
    case Type::choices:
      return {enumeration(option), "{\"type\": \"array\", \"items\": " + enumeration(option) + "}", either};
    case Type::servers:
    case Type::urls:
    case Type::topic_names:
    case Type::worker_names:
    case Type::subscriptions:
      return {R"({"type": "string"})", R"({"type": "array", "items": {"type": "string"}})"};
    case Type::text:
      return {R"({"type": ["string", "number", "boolean"]})"};
    case Type::version:
      return {R"({"type": ["string", "number"]})"};
    case Type::block:
      return {reference_to(option.child)};
    case Type::blocks:
      return {"{\"type\": \"array\", \"items\": " + reference_to(option.child) + "}"};
    case Type::properties:
    case Type::pairs:
      return {R"({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}})"};
    case Type::topic_map:
      return {R"({"type": "object", "additionalProperties": {"type": "string"}})"};
    default:
      return {R"({"type": "string"})"};
  }
}

std::string default_of(const Option& option) {
  const std::string_view text = option.fallback;
  const bool is_json =
      option.type == Type::integer || option.type == Type::boolean || text.starts_with('"') || text.starts_with('[');
  return is_json ? std::string(text) : json(text);
}

std::string option_schema(const Option& option) {
  std::vector<std::string> all = forms(option);
  if (option.empty == Empty::unset) all.emplace_back(R"({"type": "null"})");
  std::string text = "{\"description\": " + json(option.description);
  if (!option.fallback.empty()) text += ", \"default\": " + default_of(option);
  text += ", \"anyOf\": [";
  for (std::size_t i = 0; i < all.size(); ++i) text += (i == 0 ? "" : ", ") + all[i];
  return text + "]}";
}

// Both separators for every '-' and '_' of a name.
std::string any_spelling(std::string_view name) {
  std::string pattern = "^";
  for (const char c : name) pattern += c == '-' || c == '_' ? "[-_]" : std::string(1, c);
  return pattern + "$";
}

std::string block_schema(Block block) {
  std::vector<Block> blocks = {block};
  if (block == Block::top || block == Block::consumer || block == Block::producer) blocks.push_back(Block::client);
  std::string properties;
  std::string spellings;
  for (const Option* each : options_of(blocks)) {
    if (each->type == Type::later) continue;
    const std::string name(each->name);
    properties += (properties.empty() ? "" : ",\n") + ("        " + json(name) + ": " + option_schema(*each));
    if (name.find_first_of("-_") == std::string::npos) continue;
    const std::string path = "#/$defs/" + std::string(definition(block)) + "/properties/" + name;
    spellings +=
        (spellings.empty() ? "" : ",\n") + ("        " + json(any_spelling(name)) + ": {\"$ref\": " + json(path) + "}");
  }
  std::string text = "    " + json(definition(block)) +
                     ": {\n      \"type\": " + (block == Block::top ? R"(["object", "null"])" : "\"object\"") +
                     ",\n      \"properties\": {\n" + properties + "\n      },\n      \"patternProperties\": {\n" +
                     spellings + "\n      },\n";
  if (block == Block::route) text += "      \"required\": [\"match\"],\n";
  if (block == Block::topic) text += "      \"required\": [\"name\"],\n";
  if (block == Block::schema_registry) text += "      \"required\": [\"url\"],\n";
  if (block == Block::worker) text += "      \"required\": [\"name\"],\n";
  return text + "      \"additionalProperties\": false\n    }";
}

}  // namespace

std::string reference_schema() {
  std::string text = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "kafka_events",
  "description": "Configuration of the kafka_events plugin. Other top keys are other plugins'.",
  "type": "object",
  "properties": {"kafka_events": {"$ref": "#/$defs/kafka_events"}},
  "required": ["kafka_events"],
  "$defs": {
    "placeholder": {"description": "${NAME}, ${NAME:-default} or ${file:PATH}", "type": "string", "pattern": "\\$\\{.+\\}"},
)";
  std::string blocks;
  for (const ReferenceBlock& each : reference_blocks()) {
    blocks += (blocks.empty() ? "" : ",\n") + block_schema(each.block);
  }
  return text + blocks + "\n  }\n}\n";
}

}  // namespace kafka_events::config
