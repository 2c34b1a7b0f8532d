// Properties that hold for every option of the table: its bounds, its choices, its defaults.
#include <algorithm>

#include "config/options.h"
#include "config/report.h"
#include "support.h"

using namespace config_test;

namespace {

// What a registry needs besides this option.
std::string rest_of_registry(const Option& option) {
  std::string text = option.name == "url" ? "" : ", url: \"http://127.0.0.1\"";
  for (const auto& [one, other] : {std::pair("username", "password"), std::pair("certificate", "key")}) {
    if (option.name == one) text += std::string(", ") + other + ": x";
    if (option.name == other) text += std::string(", ") + one + ": x";
  }
  return text;
}

// A file with one option set, and what this option cannot do without.
std::string file_with(const Option& option, const std::string& value) {
  const std::string line = std::string(option.name) + ": " + value;
  switch (option.block) {
    case Block::top:
    case Block::client:
      return "kafka_events:\n  " + line + "\n";
    case Block::consumer:
      return "kafka_events:\n  consumer-config:\n    " + line + "\n";
    case Block::producer:
      return "kafka_events:\n  producer-config:\n    " + line + "\n";
    case Block::ssl:
      return "kafka_events:\n  ssl_context: {" + line + "}\n";
    case Block::oauth:
      return "kafka_events:\n  sasl_oauth_token_provider: {" + line + "}\n";
    case Block::inbound:
      return "kafka_events:\n  inbound: {" + line + "}\n";
    case Block::retries:
      return "kafka_events:\n  inbound: {retries: {" + line + "}}\n";
    case Block::worker:
      return "kafka_events:\n  workers: [{name: w, topics: t, " + line + "}]\n";
    case Block::route:
      // exactly_once is nothing without an outbox.
      return "kafka_events:\n  outbox: {path: /tmp/x}\n  outbound: [{match: \"^a\", " + line + "}]\n";
    case Block::outbox:
      return "kafka_events:\n  outbox: {path: /tmp/x, " + line + "}\n";
    case Block::schema_registry:
      return "kafka_events:\n  schema_registry: {" + line + rest_of_registry(option) + "}\n";
    case Block::topics:
      return "kafka_events:\n  topics: {" + line + "}\n";
    case Block::topic:
      return "kafka_events:\n  topics: {ensure: [{" + std::string(option.name == "name" ? "" : "name: t, ") + line +
             "}]}\n";
    case Block::tenants:
      return "kafka_events:\n  tenants: {" + line + "}\n";
    case Block::loop_guard:
      return "kafka_events:\n  loop_guard: {" + line + "}\n";
    case Block::requests:
      return "kafka_events:\n  requests: {" + line + "}\n";
    case Block::cloudevents:
      return "kafka_events:\n  cloudevents: {" + line + "}\n";
  }
  return {};
}

// What file_with() writes anyway, because its block is nothing without it.
bool is_in_every_file(const Option& option) {
  return option.name == "match" || (option.block == Block::outbox && option.name == "path") ||
         (option.block == Block::worker && (option.name == "name" || option.name == "topics"));
}

bool mentions(const LoadResult& result, const Option& option, std::string_view words) {
  return std::ranges::any_of(result.problems, [&](const Problem& problem) {
    return problem.place.key_path.ends_with(std::string(".").append(option.name)) &&
           problem.message.find(words) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("every whole number is taken within its range and refused outside, with the range") {
  for (const Option* option : all_options()) {
    if (option->type != Type::integer && option->type != Type::integers) continue;
    CAPTURE(option->name);
    const Range range = option->range;
    const std::string in_words =
        std::string("(") + std::to_string(range.least) + ".." + std::to_string(range.most) + ")";
    for (const std::int64_t value : {range.least, range.most}) {
      CHECK_FALSE(mentions(load_text(file_with(*option, std::to_string(value))), *option, "out of range"));
      CHECK_FALSE(mentions(load_text(file_with(*option, std::to_string(value))), *option, "whole number"));
    }
    for (const std::int64_t value : {range.least - 1, range.most + 1}) {
      CHECK(mentions(load_text(file_with(*option, std::to_string(value))), *option, "out of range " + in_words));
    }
    for (const std::string text : {"abc", "1.5", "\"\"", "0x10", "1 2"}) {
      const LoadResult result = load_text(file_with(*option, text));
      const bool may_be_empty = text == "\"\"" && option->empty == Empty::unset;
      CHECK(mentions(result, *option, "whole number") != may_be_empty);
    }
    CHECK(mentions(load_text(file_with(*option, "{a: b}")), *option, "is a map; expected"));
  }
}

TEST_CASE("every choice is taken in any case, and nothing else is") {
  for (const Option* option : all_options()) {
    if (option->type != Type::choice && option->type != Type::choices) continue;
    CAPTURE(option->name);
    for (const std::string_view choice : split_list(option->choices)) {
      CAPTURE(choice);
      CHECK_FALSE(mentions(load_text(file_with(*option, std::string(choice))), *option, "is not one of"));
      CHECK_FALSE(mentions(load_text(file_with(*option, lower(choice))), *option, "is not one of"));
    }
    CHECK(mentions(load_text(file_with(*option, "qqqqqq")), *option,
                   "\"qqqqqq\" is not one of " + std::string(option->choices)));
  }
}

TEST_CASE("booleans are those of YAML 1.1") {
  for (const Option* option : all_options()) {
    if (option->type != Type::boolean) continue;
    CAPTURE(option->name);
    for (const std::string text : {"true", "True", "yes", "ON", "\"false\"", "no", "off"}) {
      CHECK_FALSE(mentions(load_text(file_with(*option, text)), *option, "is not true or false"));
    }
    CHECK(mentions(load_text(file_with(*option, "maybe")), *option, "\"maybe\" is not true or false"));
    CHECK(mentions(load_text(file_with(*option, "[true]")), *option, "is a list; expected true or false"));
  }
}

TEST_CASE("an option left empty is refused or stands for what the table says") {
  for (const Option* option : all_options()) {
    if (option->type == Type::later || is_in_every_file(*option)) continue;
    CAPTURE(option->name);
    const bool refused = mentions(load_text(file_with(*option, "")), *option, "is empty; write");
    CHECK(refused == (option->empty == Empty::refused));
  }
  CHECK(producer(settings_of("  connections_max_idle_ms:\n"), "connections.max.idle.ms") == "0");
  CHECK(producer(settings_of("  producer-config: {compression_type: }\n"), "compression.type") == "none");
}

TEST_CASE("options of later versions are errors, not silently ignored") {
  for (const Option* option : all_options()) {
    if (option->type != Type::later) continue;
    CAPTURE(option->name);
    const LoadResult result = load_text(file_with(*option, "{a: b}"));
    CHECK_FALSE(result.settings.has_value());
    CHECK(mentions(result, *option, "arrives with a later version; remove it"));
  }
}

TEST_CASE("every default and every example of the table is accepted") {
  for (const Option* option : all_options()) {
    for (const std::string_view value : {option->fallback, option->example}) {
      if (value.empty() || option->type == Type::later) continue;
      const std::string text(value.starts_with('$') ? std::string("\"").append(value) + "\"" : std::string(value));
      if (is_in_every_file(*option)) continue;
      const LoadResult result = load_text(file_with(*option, text));
      CAPTURE(option->name);
      CAPTURE(value);
      CHECK_MESSAGE(result.settings.has_value(), all_lines(result));
    }
  }
}

TEST_CASE("every option has a description, and names differ within a block") {
  const std::vector<const Option*> all = all_options();
  for (const Option* option : all) {
    CAPTURE(option->name);
    CHECK_FALSE(option->description.empty());
    const auto twins = std::ranges::count_if(
        all, [&](const Option* each) { return each->block == option->block && each->name == option->name; });
    CHECK(twins == 1);
    const bool says_what = !option->effect.empty() || !option->properties[0].name.empty() ||
                           option->type == Type::block || option->type == Type::blocks || option->type == Type::later;
    CHECK(says_what);
  }
}

TEST_CASE("defaults without a word in the file") {
  const Settings settings = settings_of("");
  CHECK(settings.client_id == "aca-py");
  CHECK(producer(settings, "bootstrap.servers") == "127.0.0.1:9092");
  CHECK(producer(settings, "acks") == "all");
  CHECK(producer(settings, "enable.idempotence") == "true");
  CHECK(producer(settings, "partitioner") == "murmur2_random");
  CHECK(producer(settings, "linger.ms") == "5");
  CHECK(producer(settings, "batch.size") == "1000000");
  CHECK(producer(settings, "sasl.mechanism") == "(not set)");
  CHECK(consumer(settings, "enable.auto.offset.store") == "false");
  CHECK(consumer(settings, "enable.partition.eof") == "false");
  CHECK(consumer(settings, "queued.min.messages") == "1000000");
  CHECK(consumer(settings, "partition.assignment.strategy") == "cooperative-sticky");
  CHECK(consumer(settings, "queued.max.messages.kbytes") == "65536");
  CHECK(consumer(settings, "topic.metadata.refresh.interval.ms") == "1000");
  CHECK(consumer(settings, "isolation.level") == "read_committed");
}
