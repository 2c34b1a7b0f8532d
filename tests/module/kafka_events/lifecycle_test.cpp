// Loading, configuring and unloading the real module, and what its admin routes answer before it runs.
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <fstream>
#include <rapidjson/document.h>
#include <string>

#include "host_fixture.h"

namespace {

using namespace module_test;

std::string text(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : "not a text"; }

rapidjson::Document parse(const host_stub::HttpReply& reply) {
  rapidjson::Document document;
  document.Parse(reply.body.data(), reply.body.size());
  REQUIRE_MESSAGE(!document.HasParseError(), reply.body);
  return document;
}

bool mapped(std::string_view name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(name) != std::string::npos) return true;
  }
  return false;
}

constexpr const char* nowhere = "127.0.0.1:1";

}  // namespace

TEST_CASE("the module says what it is") {
  Host host;
  const auto loaded = host.load(KAFKA_EVENTS_MODULE);
  REQUIRE(loaded.ok());
  CHECK(loaded.value().name == "kafka_events");
  CHECK(loaded.value().version == "1.0.0");
  CHECK(loaded.value().abi == "1.1");
  CHECK(loaded.value().build_id.size() == 16);
  CHECK(loaded.value().runtime == "librdkafka 2.0.2");
}

TEST_CASE("all problems of a broken configuration are told, and nothing is half-started") {
  Host host;
  REQUIRE(host.load(KAFKA_EVENTS_MODULE).ok());
  const auto refused = host.configure(yaml(nowhere,
                                           "  clientid: x\n"
                                           "  librdkafka: { no.such.property: 1 }\n"
                                           "  consumer-config:\n"
                                           "    auto_offset_reset: newest\n"
                                           "    session_timeout_ms: soon\n"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().status == AGENT_E_INVALID);
  CHECK(host.problems.size() >= 3);
  for (const host_stub::ConfigProblem& problem : host.problems) {
    CHECK_MESSAGE(problem.line > 0, problem.message);
    CHECK(problem.file == "test.yml");
    CHECK(problem.key_path.starts_with("kafka_events"));
  }
  CHECK_FALSE(host.plugins.start_all().ok());
}

TEST_CASE("a property that librdkafka refuses is told with its place") {
  Host host;
  REQUIRE(host.load(KAFKA_EVENTS_MODULE).ok());
  REQUIRE_FALSE(host.configure(yaml(nowhere, "  librdkafka: { no.such.property: \"1\" }\n")).ok());
  REQUIRE_FALSE(host.problems.empty());
  CHECK(host.problems[0].line == 3);
  CHECK(host.problems[0].message.find("no.such.property") != std::string::npos);
}

TEST_CASE("a refused configuration leaves the former one in force") {
  Host host;
  REQUIRE(host.load(KAFKA_EVENTS_MODULE).ok());
  REQUIRE(host.configure(yaml(nowhere, "  client_id: first\n")).ok());
  CHECK_FALSE(host.configure(yaml(nowhere, "  client_id: [second]\n")).ok());
  CHECK(host.call("GET", "/kafka/config").body.find("first") != std::string::npos);
}

TEST_CASE("config and explain answer before start; start and stop say that it is too early") {
  Host host;
  REQUIRE(host.load(KAFKA_EVENTS_MODULE).ok());
  REQUIRE(host.configure(yaml(nowhere,
                              "  sasl_plain_password: hunter2\n"
                              "  sasl_plain_username: me\n"
                              "  security_protocol: sasl_plaintext\n"
                              "  producer-config: { linger_ms: 7 }\n"))
              .ok());
  const host_stub::HttpReply config = host.call("GET", "/kafka/config");
  CHECK(config.status == 200);
  CHECK(config.body.find("hunter2") == std::string::npos);
  const rapidjson::Document shown = parse(config);
  bool linger = false;
  for (const auto& option : shown["options"].GetArray()) {
    if (text(option["key"]).ends_with("linger_ms")) {
      linger = true;
      CHECK(text(option["value"]) == "7");
      CHECK(text(option["source"]).find("test.yml") == 0);
      CHECK(option["becomes"].Size() >= 1);
    }
  }
  CHECK(linger);
  CHECK(text(shown["clients"][0]["client"]) == "producer");
  CHECK(text(shown["clients"][0]["properties"]["sasl.password"]) == "[secret]");

  const rapidjson::Document explained =
      parse(host.call("GET", "/kafka/explain?topic=acapy::outbound::message&tenant=w1&payload=%7B%7D"));
  REQUIRE(explained["routes"].Size() == 1);
  CHECK(text(explained["routes"][0]["kafka_topic"]) == "acapy-outbound-message");
  CHECK(text(explained["routes"][0]["key"]) == "w1");
  CHECK(parse(host.call("GET", "/kafka/explain?topic=other"))["routes"].Size() == 0);
  CHECK(host.call("GET", "/kafka/explain").status == 400);

  const host_stub::HttpReply early = host.call("POST", "/kafka/start");
  CHECK(early.status == 409);
  CHECK(early.content_type == "application/problem+json");
  CHECK(text(parse(host.call("GET", "/kafka/status"))["state"]) == "stopped");
  CHECK_FALSE(host.log.mentions("hunter2"));
}

TEST_CASE("without a broker it starts at once, is live, and says in words why it is not ready") {
  Host host;
  const auto begin = std::chrono::steady_clock::now();
  host.run(yaml(nowhere));
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK(eventually([&] { return host.health().reason.find("(Connection refused)") != std::string::npos; }));
  const host_stub::PluginHealth health = host.health();
  CHECK(health.live);
  CHECK_FALSE(health.ready);
  CHECK(health.reason == "no broker reachable at 127.0.0.1:1 (Connection refused)");
  const rapidjson::Document status = parse(host.call("GET", "/kafka/status"));
  CHECK(text(status["state"]) == "running");
  CHECK(text(status["reason"]) == health.reason);
  CHECK(status["last_errors"].Size() > 0);
}

TEST_CASE("after unloading nothing of the module is mapped") {
  Host host;
  host.run(yaml(nowhere));
  const auto reports = host.end();
  REQUIRE(reports.size() == 1);
  CHECK_MESSAGE(!reports[0].mapped, reports[0].reason);
  CHECK_FALSE(mapped("kafka_events.so"));
  CHECK(dlopen(KAFKA_EVENTS_MODULE, RTLD_NOW | RTLD_NOLOAD) == nullptr);
  CHECK(mapped("librdkafka"));
  CHECK(host.call("GET", "/kafka/status").status == 404);
}

TEST_CASE("a stopped plugin takes another configuration and starts again") {
  Host host;
  host.run(yaml(nowhere, "  client_id: first\n"));
  CHECK_FALSE(host.configure(yaml(nowhere, "  client_id: too-early\n")).ok());
  REQUIRE(host.plugins.stop_all().ok());
  CHECK(text(parse(host.call("GET", "/kafka/status"))["state"]) == "stopped");
  REQUIRE(host.configure(yaml(nowhere, "  client_id: second\n")).ok());
  REQUIRE(host.plugins.start_all().ok());
  CHECK(text(parse(host.call("GET", "/kafka/status"))["state"]) == "running");
  CHECK(host.call("GET", "/kafka/config").body.find("second") != std::string::npos);
}

TEST_CASE("two instances of the module live side by side") {
  Host one;
  Host two;
  one.run(yaml(nowhere));
  two.run(yaml(nowhere));
  CHECK_FALSE(one.end()[0].mapped);
  CHECK(two.call("GET", "/kafka/status").status == 200);
}
