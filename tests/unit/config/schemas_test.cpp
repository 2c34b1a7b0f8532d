// Schemas of routes and workers: which file, which subject, which version.
#include <algorithm>

#include "support.h"

using namespace config_test;

namespace {

const std::string registry = "  schema_registry: {url: \"http://127.0.0.1:8081\"}\n";

// Two routes' worth of files, read by `reader`; none if it is empty.
LoadResult load_with(FileReader reader) {
  const std::string text = "kafka_events:\n" + registry +
                           "  outbound: [{match: a, codec: avro, value_schema: s.avsc, key_schema: /k.avsc}]\n";
  LoadInput input{};
  input.file_name = "agent.yaml";
  input.text = text;
  input.read_file = std::move(reader);
  input.base_dir = "/etc/agent";
  return load(input);
}

}  // namespace

TEST_CASE("every codec has a name, and json is the envelope") {
  const Settings settings = settings_of(registry +
                                        "  inbound: {codec: Avro}\n  workers:\n"
                                        "    - {name: a, topics: a, codec: cloudevents}\n"
                                        "    - {name: b, topics: b, codec: cloudevents-structured}\n"
                                        "    - {name: c, topics: c, codec: json}\n    - {name: d, topics: d}\n");
  constexpr CodecKind kinds[] = {CodecKind::avro, CodecKind::cloudevents, CodecKind::cloudevents_structured,
                                 CodecKind::envelope, CodecKind::raw};
  REQUIRE(settings.workers.size() == std::size(kinds));
  for (std::size_t i = 0; i < std::size(kinds); ++i) CHECK(settings.workers[i].codec == kinds[i]);
  CHECK(settings_of("  outbound: [{match: a, codec: cloudevents-structured}]\n").routes[0].codec ==
        CodecKind::cloudevents_structured);
}

TEST_CASE("a route with Avro and nothing else takes the latest schema of its topic's subject") {
  const Settings settings = settings_of(registry + "  outbound: [{match: a, codec: avro}]\n");
  const SchemaSettings& schema = settings.routes[0].schema;
  CHECK(schema.value_schema.empty());
  CHECK(schema.key_schema.empty());
  CHECK_FALSE(schema.key_from_registry);
  CHECK(schema.value_subject == "{topic}-value");
  CHECK(schema.key_subject == "{topic}-key");
  CHECK_FALSE(schema.version.has_value());
  CHECK_FALSE(schema.auto_register);
  CHECK(schema.json == AvroJson::plain);
  CHECK(schema.logical_types == LogicalTypes::raw);
}

TEST_CASE("a route's schema options all arrive, and files as their text") {
  const Settings settings =
      settings_of(registry +
                  "  outbound:\n    - {match: a, codec: avro, value_schema: schema/query.avsc, key_schema: "
                  "schema/key.avsc, value_subject: \"v.{topic}\",\n       key_subject: fixed, auto_register: true, "
                  "avro_json: avro, logical_types: readable}\n    - {match: b, codec: avro, schema_version: 3, "
                  "key_from_registry: true}\n");
  const SchemaSettings& written = settings.routes[0].schema;
  CHECK(written.value_schema == "{\"type\": \"record\", \"name\": \"Query\", \"fields\": []}");
  CHECK(written.key_schema == "\"string\"\n");
  CHECK(written.value_subject == "v.{topic}");
  CHECK(written.key_subject == "fixed");
  CHECK(written.auto_register);
  CHECK(written.json == AvroJson::avro);
  CHECK(written.logical_types == LogicalTypes::readable);
  CHECK(settings.routes[1].schema.version == 3);
  CHECK(settings.routes[1].schema.key_from_registry);
}

TEST_CASE("a key may be made as JSON: doubled braces stand for themselves, but in no topic") {
  const Settings settings = settings_of("  outbound: [{match: a, key: \"{{\\\"id\\\": \\\"{payload./id}\\\"}}\"}]\n");
  CHECK(settings.routes[0].key == "{{\"id\": \"{payload./id}\"}}");
  CHECK(problems_of("  outbound: [{match: a, topic: \"a{{b\"}]\n").find("no topic can hold \"{\"") !=
        std::string::npos);
  CHECK(problems_of("  inbound: {event_topic: \"a{{b\"}\n").find("is never closed") != std::string::npos);
  CHECK(problems_of("  outbound: [{match: a, key: \"a}b\"}]\n").find("closes nothing") != std::string::npos);
}

TEST_CASE("workers have schemas of their own, and take none from inbound") {
  const Settings settings = settings_of(registry +
                                        "  inbound: {codec: avro, value_schema: schema/query.avsc, avro_json: avro}\n"
                                        "  workers: [{name: a, topics: a, codec: avro, key_schema: schema/key.avsc, "
                                        "logical_types: readable}]\n");
  CHECK_FALSE(settings.workers[0].schema.value_schema.empty());
  CHECK(settings.workers[0].schema.json == AvroJson::avro);
  const SchemaSettings& own = settings.workers[1].schema;
  CHECK(own.value_schema.empty());
  CHECK(own.key_schema == "\"string\"\n");
  CHECK(own.json == AvroJson::plain);
  CHECK(own.logical_types == LogicalTypes::readable);
}

TEST_CASE("schema files are looked for beside the configuration") {
  std::vector<std::string> asked;
  const LoadResult result = load_with([&](const std::string& path) {
    asked.push_back(path);
    return kafka_events::Result<std::string>("\"string\"");
  });
  CHECK(result.settings.has_value());
  CHECK(asked == std::vector<std::string>{"/etc/agent/s.avsc", "/k.avsc"});
}

TEST_CASE("without files a schema is an error, not an empty one") {
  const LoadResult result = load_with({});
  CHECK_FALSE(result.settings.has_value());
  CHECK(all_lines(result).find("value_schema: cannot be read here") != std::string::npos);
}

TEST_CASE("schema options without codec avro draw a warning each") {
  const LoadResult result = load_text(
      "kafka_events:\n  outbound: [{match: a, value_schema: schema/query.avsc, avro_json: plain}]\n"
      "  workers: [{name: a, topics: a, codec: json, logical_types: raw}]\n");
  CHECK(result.settings.has_value());
  CHECK(all_lines(result) ==
        "agent.yaml:2:39: warning: kafka_events.outbound.0.value_schema: has no effect without codec avro\n"
        "agent.yaml:2:69: warning: kafka_events.outbound.0.avro_json: has no effect without codec avro\n"
        "agent.yaml:3:62: warning: kafka_events.workers.0.logical_types: has no effect without codec avro\n");
}

TEST_CASE("a file may be 100 levels deep, and one that is deeper does not end the process") {
  const auto load_deep = [](std::size_t levels) {
    return load_with([text = std::string(levels, '[') + std::string(levels, ']')](const std::string&) {
      return kafka_events::Result<std::string>(text);
    });
  };
  CHECK(load_deep(100).settings.has_value());
  CHECK(all_lines(load_deep(101)).find("/etc/agent/s.avsc is nested deeper than 100 levels") != std::string::npos);
  CHECK_FALSE(load_deep(500000).settings.has_value());
}

TEST_CASE("a route whose events want answers") {
  const Settings settings = settings_of(
      "  outbound:\n    - {match: \"^(.*)\", reply_to: \"{1}-{topic:kafka}.reply\", reply_timeout_ms: 250}\n"
      "    - {match: b, reply_to: \"\"}\n    - {match: c}\n");
  CHECK(settings.routes[0].reply_to == "{1}-{topic:kafka}.reply");
  CHECK(settings.routes[0].reply_timeout == std::chrono::milliseconds(250));
  CHECK(settings.routes[1].reply_to.empty());
  CHECK(settings.routes[2].reply_to.empty());
  CHECK(settings.routes[2].reply_timeout == std::chrono::milliseconds(30000));
  CHECK(problems_of("  outbound: [{match: a, reply_timeout_ms: 5}]\n") ==
        "agent.yaml:2:43: warning: kafka_events.outbound.0.reply_timeout_ms: has no effect without reply_to\n");
}

TEST_CASE("workers answer on {topic}.reply, on inbound's topic or on their own") {
  const Settings usual = settings_of("  workers: [{name: a, topics: a}]\n");
  CHECK(usual.workers[0].reply_to == "{topic}.reply");
  CHECK(usual.workers[1].reply_to == "{topic}.reply");
  const Settings chosen = settings_of(
      "  inbound: {reply_to: \"\"}\n  workers: [{name: a, topics: a}, {name: b, topics: b, reply_to: "
      "\"r-{topic}\"}]\n");
  CHECK(chosen.workers[0].reply_to.empty());
  CHECK(chosen.workers[1].reply_to.empty());
  CHECK(chosen.workers[2].reply_to == "r-{topic}");
}

TEST_CASE("single writers may share a topic among themselves, and use what depends on the event's topic") {
  const Settings settings = settings_of(
      "  outbound:\n    - {match: \"^(a)\", topic: \"x-{1}-{category}-{state}-{topic:kafka}\", single_writer: true}\n"
      "    - {match: b, topic: orders, single_writer: true}\n    - {match: c, topic: orders, single_writer: yes}\n"
      "    - {match: d, topic: other}\n");
  CHECK(settings.routes[0].single_writer);
  CHECK(settings.routes[2].single_writer);
  CHECK_FALSE(settings.routes[3].single_writer);
}
