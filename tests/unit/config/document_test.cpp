// The tree: aliases, merges, places, bounds.
#include "config/document.h"

#include "support.h"

using namespace config_test;

namespace {

std::string yaml_problems(std::string_view text) {
  Document document;
  Report report("f");
  read_yaml(text, Origin::file, document, report);
  std::string lines;
  for (const Problem& problem : report.take()) lines += to_line(problem) + "\n";
  CHECK((document.root == nullptr) == !lines.empty());
  return lines;
}

}  // namespace

TEST_CASE("aliases and merges are understood, and an own key beats a merged one") {
  const Settings settings = settings_of(
      "  producer-config: &both {request_timeout_ms: 1000, linger_ms: 1}\n"
      "  consumer-config:\n    <<: {request_timeout_ms: 7000, fetch_max_wait_ms: 1}\n    fetch_max_wait_ms: 2\n"
      "  outbound: [&r {match: a, topic: x}, {<<: *r, topic: y}]\n");
  CHECK(consumer(settings, "socket.timeout.ms") == "7000");
  CHECK(consumer(settings, "fetch.wait.max.ms") == "2");
  CHECK(settings.routes[1].match == "a");
  CHECK(settings.routes[1].topic == "y");
}

TEST_CASE("columns count characters, lines count from 1, a byte order mark counts nothing") {
  CHECK(problems_of("  librdkafka: {\"ä\": \"ü\", \"x_cb\": 1}\n").starts_with("agent.yaml:2:26: "));
  const LoadResult result = load_text("\xef\xbb\xbfkafka_events:\n  client_id: \"\"\n");
  CHECK(all_lines(result) == "agent.yaml:2:14: kafka_events.client_id: is empty; write a value or remove the line\n");
  CHECK(all_lines(load_text("kafka_events:\r\n  client_id: \"\"\r\n")).starts_with("agent.yaml:2:14: "));
}

TEST_CASE("an own \"kafka-events\" spelling, other plugins beside it, and comments do no harm") {
  const LoadResult result = load_text("other:\n  a: 1\n  a: 2\nkafka-events:\n  client_id: x # y\n");
  REQUIRE(result.settings.has_value());
  CHECK(result.settings->client_id == "x");
}

TEST_CASE("bounds hold before memory or time are spent") {
  CHECK(yaml_problems(std::string(1 << 19, '[')).find("nested") != std::string::npos);
  CHECK(yaml_problems("a: [" + std::string(100000, ',') + "]").find("f:1:") == 0);
  std::string many = "a: [";
  for (int i = 0; i < 30000; ++i) many += "x,";
  CHECK(yaml_problems(many + "x]").find("more than 20000 values") != std::string::npos);
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = std::string("*a").append(std::to_string(i - 1));
    bomb.append("a").append(std::to_string(i)).append(": &a").append(std::to_string(i));
    bomb.append(" [").append(before).append(", ").append(before).append("]\n");
  }
  CHECK(yaml_problems(bomb).find("with aliases expanded") != std::string::npos);
}

TEST_CASE("the same problem of both clients is reported once") {
  const std::string lines = problems_of("  security_protocol: SASL_SSL\n  sasl_plain_username: a\n");
  CHECK(lines == "agent.yaml:2:22: kafka_events.sasl_plain_password: is missing; PLAIN needs it\n");
}
