// The messages of schema/: each sample both ways, and the second version of one.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "avro_fixture.h"

using namespace avro_test;

namespace {

const std::filesystem::path folder = SCHEMA_FOLDER;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE_MESSAGE(file.good(), path.string());
  return text.str();
}

std::string schema(const std::string& name) { return read(folder / (name + ".avsc")); }
std::string sample(const std::string& name) { return read(folder / "samples" / (name + ".json")); }

}  // namespace

TEST_CASE("every message's sample goes there and back") {
  int messages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".avsc") continue;
    const std::string name = entry.path().stem().string();
    CAPTURE(name);
    const std::string json = sample(name);
    const std::string back = there_and_back(schema(name), json);
    INFO(back);
    CHECK(same_json(back, json));
    CHECK(same_json(there_and_back(schema(name), json, reading_as(schema(name))), json));
    ++messages;
  }
  CHECK(messages >= 8);
}

TEST_CASE("readable logical types of a ticket") {
  const std::string back = there_and_back(schema("ticket"), sample("ticket"));
  REQUIRE(same_json(back, sample("ticket")));
  Bench bench;
  bench.settings = readable();
  bench.registry.add(schema("ticket"), "orders-value");
  std::string json = sample("ticket");
  const std::string price = R"("price": "\u0004\u00d2")";
  REQUIRE(json.find(price) != std::string::npos);
  json.replace(json.find(price), price.size(), R"("price": "12.34")");
  const Result<Encoded> encoded = bench.encode(json);
  REQUIRE_MESSAGE(encoded.ok(), (encoded.ok() ? "" : encoded.error().message));
  REQUIRE(bench.decode(encoded.value().value).ok());
  CHECK(bench.decoded.payload.find(R"("price":"12.34")") != std::string::npos);
  CHECK(bench.decoded.payload.find(R"("start":"2026-11-21T12:30:00.000Z")") != std::string::npos);
}

TEST_CASE("a query of version 1 is read as version 2: renamed, promoted, added") {
  const std::string body = encoded(schema("query"), sample("query"));
  const std::string json = decoded(schema("query"), body, reading_as(schema("query.v2")));
  CHECK(json.find(R"("reply_topic":"orchestrator-topic")") != std::string::npos);
  CHECK(json.find(R"("limit":50)") != std::string::npos);
  CHECK(json.find(R"("level":"SUMMARY")") != std::string::npos);
  CHECK(json.find("callback_topic") == std::string::npos);
}

TEST_CASE("a query of version 2 is no query of version 1, and why is told") {
  const std::string body = encoded(schema("query.v2"), sample("query.v2"));
  const std::string message = decoded(schema("query.v2"), body, reading_as(schema("query")));
  CHECK(message.find("callback_topic: expected string, which has no default") != std::string::npos);
}

TEST_CASE("keys of messages are the record with an id") {
  Bench bench;
  bench.settings.key_schema = schema("key");
  bench.registry.add(schema("key"), "orders-key");
  bench.registry.add(schema("message"), "orders-value");
  const Result<Encoded> encoded = bench.encode(sample("message"), "broker-1");
  REQUIRE(encoded.ok());
  REQUIRE(bench.decode(encoded.value().value, encoded.value().key).ok());
  CHECK(same_json(bench.decoded.key, sample("key")));
  CHECK(bench.made().message_name("orders") == "fabric.messages.Message");
}
