// The plugin's HTTP routes, without a server.
#include "admin/routes.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <string>

#include "fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::admin;

struct Fixture {
  test::FakeBridge bridge;
  test::QuietLog log;
  test::FakeServer server;
  Controller controller{bridge, log};
  Routes routes{server, controller, bridge};
};

rapidjson::Document parse(const HttpReply& reply) {
  rapidjson::Document document;
  document.Parse(reply.body.data(), reply.body.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

/// RapidJSON's own == calls itself for ever in C++20, where comparisons may be reversed.
std::string text(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : "not a text"; }

}  // namespace

TEST_CASE("start and stop answer with the texts of the ACA-Py plugin, by GET and by POST") {
  Fixture f;
  REQUIRE(f.routes.add());
  REQUIRE(f.controller.open());
  for (const char* method : {"GET", "POST"}) {
    for (int twice = 0; twice < 2; ++twice) {
      const HttpReply started = f.server.call(method, "/kafka/start");
      CHECK(started.status == 200);
      CHECK(text(parse(started)["result"]) == "Kafka plugin started");
    }
    CHECK(text(parse(f.server.call(method, "/kafka/stop"))["result"]) == "Kafka plugin stopped");
  }
  CHECK(f.bridge.starts == 2);
}

TEST_CASE("failures are problem details") {
  Fixture f;
  REQUIRE(f.routes.add());
  SUBCASE("the host has not started the plugin") {
    const HttpReply reply = f.server.call("POST", "/kafka/start");
    CHECK(reply.status == 409);
    CHECK(reply.content_type == "application/problem+json");
    const rapidjson::Document body = parse(reply);
    CHECK(body["status"].GetInt() == 409);
    CHECK(text(body["instance"]) == "/kafka/start");
    CHECK(std::string(body["title"].GetString()).size() > 3);
  }
  SUBCASE("the bridge does not start") {
    f.bridge.on_start = [] { return Error(ErrorCode::failed, "a \"quoted\" reason"); };
    REQUIRE(f.controller.open());
    const HttpReply reply = f.server.call("GET", "/kafka/start");
    CHECK(reply.status == 500);
    CHECK(text(parse(reply)["detail"]) == "a \"quoted\" reason");
  }
  SUBCASE("explain without a topic") {
    CHECK(f.server.call("GET", "/kafka/explain").status == 400);
    CHECK(f.server.call("GET", "/kafka/explain", {{"topic", ""}}).status == 400);
  }
}

TEST_CASE("status shows state, workers and unknown offsets as null") {
  Fixture f;
  f.bridge.status_view.not_ready_because = "no broker reachable at a:1";
  f.bridge.status_view.producer.in_flight = 3;
  WorkerView worker;
  worker.name = "inbound";
  worker.group = "kafka_events";
  worker.assignment.push_back({"t", 2, 5, std::nullopt, std::nullopt, 9, 4, true});
  worker.counts = {{"done", 8}};
  f.bridge.status_view.workers.push_back(worker);
  f.bridge.status_view.last_errors.push_back(
      {"producer", std::chrono::system_clock::time_point{}, "_TRANSPORT", "m", 2});
  REQUIRE(f.routes.add());
  const rapidjson::Document body = parse(f.server.call("GET", "/kafka/status"));
  CHECK(text(body["state"]) == "stopped");
  CHECK(text(body["reason"]) == "no broker reachable at a:1");
  CHECK(body["producer"]["in_flight"].GetInt() == 3);
  const auto& shown = body["workers"][0];
  CHECK(text(shown["group"]) == "kafka_events");
  CHECK(shown["counts"]["done"].GetInt() == 8);
  CHECK(shown["assignment"][0]["position"].GetInt() == 5);
  CHECK(shown["assignment"][0]["committed"].IsNull());
  CHECK(text(body["last_errors"][0]["time"]) == "1970-01-01T00:00:00Z");
}

TEST_CASE("config shows every option and what it became") {
  Fixture f;
  f.bridge.configuration_view.options.push_back({"linger_ms", "0", "a.yml:3", {"producer linger.ms=0"}});
  f.bridge.configuration_view.clients.push_back({"producer", {{"sasl.password", "[secret]"}}});
  REQUIRE(f.routes.add());
  const rapidjson::Document body = parse(f.server.call("GET", "/kafka/config"));
  CHECK(text(body["options"][0]["key"]) == "linger_ms");
  CHECK(text(body["options"][0]["becomes"][0]) == "producer linger.ms=0");
  CHECK(text(body["clients"][0]["properties"]["sasl.password"]) == "[secret]");
}

TEST_CASE("explain passes the event on; no payload is a null payload") {
  Fixture f;
  REQUIRE(f.routes.add());
  const rapidjson::Document none = parse(f.server.call("GET", "/kafka/explain", {{"topic", "a::b"}}));
  CHECK(text(none["event_topic"]) == "a::b");
  CHECK(text(none["not_sent_because"]) == "null payload");
  CHECK(text(parse(f.server.call("GET", "/kafka/explain", {{"topic", "a"}, {"payload", "{}"}}))["not_sent_because"]) ==
        "{}");
}

TEST_CASE("schemas are JSON, and every route is there") {
  Fixture f;
  REQUIRE(f.routes.add());
  CHECK(f.server.handlers.size() == 17);
  for (const auto& [name, schema] : f.server.schemas) {
    rapidjson::Document document;
    CHECK_MESSAGE(!document.Parse(schema.c_str()).HasParseError(), name);
  }
}

TEST_CASE("all routes are added, or none") {
  Fixture f;
  f.server.taken = "GET /kafka/status";
  const Result<void> added = f.routes.add();
  REQUIRE_FALSE(added);
  CHECK(added.error().message == "GET /kafka/status: taken");
  CHECK(f.server.handlers.empty());
  f.server.taken.clear();
  CHECK(f.routes.add());
  CHECK(f.routes.add());
}
