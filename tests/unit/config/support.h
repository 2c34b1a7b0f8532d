// What the tests of config/ share: loading a text with a small made-up environment, and looking at the outcome.
#pragma once

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.h"
#include "config/properties.h"

namespace config_test {

using namespace kafka_events::config;

inline std::optional<std::string> test_environment(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> variables = {
      {"BROKERS", "one:1,two:2"}, {"EMPTY", ""}, {"MY_PASSWORD", "geheim-4711"}, {"PORT", "9093"}};
  const auto found = variables.find(name);
  if (found == variables.end()) return std::nullopt;
  return found->second;
}

inline kafka_events::Result<std::string> test_file(const std::string& path) {
  if (path == "secret.txt" || path == "/etc/agent/secret.txt") return std::string("geheim-4711\n");
  if (path == "hosts") return std::string("kafka-1,kafka-2:9093\r\n");
  if (path == "binary") return std::string("a\0b", 3);
  if (path == "schema/query.avsc") return std::string("{\"type\": \"record\", \"name\": \"Query\", \"fields\": []}");
  if (path == "schema/key.avsc") return std::string("\"string\"\n");
  if (path == "schema/broken.avsc") return std::string("{\n  \"type\": record\n}");
  if (path == "schema/number.avsc") return std::string("5");
  if (path == "schema/latin1.avsc") return std::string("\"\xe9\"");
  if (path == "schema/nothing.avsc") return std::string();
  if (path == "schema/huge.avsc") {
    return kafka_events::Error(kafka_events::ErrorCode::too_large, "schema/huge.avsc is larger than 1 MiB");
  }
  return kafka_events::Error(kafka_events::ErrorCode::not_found, "cannot read " + path);
}

inline LoadResult load_text(std::string_view text, std::span<const Override> overrides = {},
                            std::string_view file_name = "agent.yaml") {
  return load({.file_name = file_name,
               .text = text,
               .overrides = overrides,
               .env = test_environment,
               .read_file = test_file,
               .base_dir = {},
               .host_name = [] { return std::string("box"); }});
}

inline std::string all_lines(const LoadResult& result) {
  std::string text;
  for (const Problem& problem : result.problems) text += to_line(problem) + "\n";
  return text;
}

/// The settings of a text that must be right, as the body of kafka_events.
inline Settings settings_of(std::string_view body, std::span<const Override> overrides = {}) {
  LoadResult result = load_text("kafka_events:\n" + std::string(body), overrides);
  REQUIRE_MESSAGE(result.settings.has_value(), all_lines(result));
  return std::move(*result.settings);
}

/// The lines that a body of kafka_events gives.
inline std::string problems_of(std::string_view body, std::span<const Override> overrides = {}) {
  return all_lines(load_text("kafka_events:\n" + std::string(body), overrides));
}

inline std::string property(const std::vector<Property>& properties, std::string_view name) {
  const Property* found = find_property(properties, name);
  return found == nullptr ? "(not set)" : found->value;
}
inline std::string producer(const Settings& settings, std::string_view name) {
  return property(settings.producer.properties, name);
}
inline std::string consumer(const Settings& settings, std::string_view name) {
  REQUIRE_FALSE(settings.workers.empty());
  return property(settings.workers.front().properties, name);
}

inline const EffectiveOption* effective(const Settings& settings, std::string_view key_path) {
  for (const EffectiveOption& each : settings.options) {
    if (each.key_path == key_path) return &each;
  }
  return nullptr;
}

inline std::string read_file(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  REQUIRE_MESSAGE(input.is_open(), path);
  return {std::istreambuf_iterator<char>(input), {}};
}

}  // namespace config_test
