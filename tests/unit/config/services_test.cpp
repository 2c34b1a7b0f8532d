// The registry, topics to be ensured, tenants, the loop guard, requests and CloudEvents.
#include "support.h"

using namespace config_test;

TEST_CASE("without a word there is no registry, no limit, and a guard with a name of its own") {
  const Settings settings = settings_of("");
  CHECK_FALSE(settings.schema_registry.has_value());
  CHECK_FALSE(settings.tenants.has_value());
  CHECK(settings.ensure_topics.empty());
  CHECK(settings.loop_guard.origin == "aca-py@box:kafka_events");
  CHECK(settings.loop_guard.max_hops == 16);
  CHECK_FALSE(settings.loop_guard.accept_own);
  CHECK(settings.requests.max_pending == 10000);
  CHECK(settings.requests.allowed_reply_topics == ".*");
  CHECK(settings.cloudevents_source == "/agents/aca-py");
}

TEST_CASE("what is made from other values is shown as what it comes to") {
  const Settings settings = settings_of("  client_id: \"agent 1/ä\"\n  consumer-config: {group_id: g}\n");
  CHECK(settings.loop_guard.origin == "agent 1/ä@box:g");
  CHECK(settings.cloudevents_source == "/agents/agent%201%2F%C3%A4");
  REQUIRE(effective(settings, "kafka_events.loop_guard.origin") != nullptr);
  CHECK(effective(settings, "kafka_events.loop_guard.origin")->value == "agent 1/ä@box:g");
  CHECK(effective(settings, "kafka_events.loop_guard.origin")->source == "default");
  CHECK(effective(settings, "kafka_events.cloudevents.source")->value == "/agents/agent%201%2F%C3%A4");
  CHECK(effective(settings, "kafka_events.requests.max_pending")->value == "10000");
  CHECK(effective(settings, "kafka_events.reload")->value == "on_sighup");
  CHECK(effective(settings, "kafka_events.tenants.fair") == nullptr);
}

TEST_CASE("addresses of registries take many forms and lose the slash at their end") {
  const auto urls = [](const std::string& value) {
    return settings_of("  schema_registry: {url: " + value + "}\n").schema_registry->urls;
  };
  using List = std::vector<std::string>;
  CHECK(urls("\"http://127.0.0.1:8081\"") == List{"http://127.0.0.1:8081"});
  CHECK(urls("\"http://a:1/, HTTPS://b/apis/ccompat/v7/\"") == List{"http://a:1", "https://b/apis/ccompat/v7"});
  CHECK(urls("[\"http://[::1]:8081\", \"http://c\"]") == List{"http://[::1]:8081", "http://c"});
}

TEST_CASE("a registry with all that it may have") {
  const Settings settings = settings_of(
      "  schema_registry: {url: \"https://r\", username: \"${file:secret.txt}\", password: \"${MY_PASSWORD}\", ca: "
      "hosts,\n    certificate: hosts, key: secret.txt, timeout_ms: 250, refresh_ms: 1000}\n");
  const RegistrySettings& registry = *settings.schema_registry;
  CHECK(registry.username == "geheim-4711");
  CHECK(registry.password == "geheim-4711");
  CHECK(registry.ca_file == "hosts");
  CHECK(registry.certificate_file == "hosts");
  CHECK(registry.key_file == "secret.txt");
  CHECK(registry.timeout == std::chrono::milliseconds(250));
  CHECK(registry.refresh == std::chrono::milliseconds(1000));
  CHECK(registry.place.line == 2);
  for (const std::string name : {"username", "password", "key"}) {
    CAPTURE(name);
    REQUIRE(effective(settings, "kafka_events.schema_registry." + name) != nullptr);
    CHECK(effective(settings, "kafka_events.schema_registry." + name)->value == "[secret]");
  }
  CHECK(effective(settings, "kafka_events.schema_registry.timeout_ms")->value == "250");
}

TEST_CASE("what protects nothing draws a warning") {
  CHECK(
      problems_of("  schema_registry: {url: \"http://registry\", username: a, password: b, ca: nowhere}\n") ==
      "agent.yaml:2:68: warning: kafka_events.schema_registry.password: goes over the network unencrypted; use https\n"
      "agent.yaml:2:75: warning: kafka_events.schema_registry.ca: has no effect without an https address in url\n");
  CHECK(problems_of("  schema_registry: {url: \"http://127.0.0.1:1\", username: a, password: b}\n").empty());
  CHECK(problems_of("  schema_registry: {url: \"http://[::1]:1\", username: a, password: b}\n").empty());
}

TEST_CASE("topics that must be there, with the prefix and their own configuration") {
  const Settings settings = settings_of(
      "  topic_prefix: test-\n  topics:\n    ensure:\n      - {name: orders, partitions: 6, replication_factor: 1, "
      "config: {retention.ms: 1000, cleanup.policy: \"compact,delete\"}}\n      - name: \"${PORT}\"\n");
  REQUIRE(settings.ensure_topics.size() == 2);
  const kafka_events::TopicSpec& orders = settings.ensure_topics[0];
  CHECK(orders.name == "test-orders");
  CHECK(orders.partitions == 6);
  CHECK(orders.replication_factor == 1);
  CHECK(orders.config == std::vector<std::pair<std::string, std::string>>{{"retention.ms", "1000"},
                                                                          {"cleanup.policy", "compact,delete"}});
  CHECK(settings.ensure_topics[1].name == "test-9093");
  CHECK_FALSE(settings.ensure_topics[1].partitions.has_value());
  CHECK(effective(settings, "kafka_events.topics.ensure.0.config.retention.ms")->value == "1000");
  CHECK(effective(settings, "kafka_events.topics.ensure.0.partitions")->value == "6");
}

TEST_CASE("a topic is overridden by its name, its configuration by Kafka's names") {
  const Override changes[] = {{"topics.ensure.orders.config.retention.ms", "5"},
                              {"topics.ensure.0.partitions", "2"},
                              {"topics.ensure.a.b.partitions", "3"}};
  const Settings settings = settings_of("  topics: {ensure: [{name: orders}, {name: a}, {name: a.b}]}\n", changes);
  CHECK(settings.ensure_topics[0].config.front() == std::pair<std::string, std::string>{"retention.ms", "5"});
  CHECK(settings.ensure_topics[0].partitions == 2);
  CHECK_FALSE(settings.ensure_topics[1].partitions.has_value());
  CHECK(settings.ensure_topics[2].partitions == 3);
}

TEST_CASE("the tenants' block switches the limits on, each of which may be missing") {
  const Settings bare = settings_of("  tenants: {}\n");
  REQUIRE(bare.tenants.has_value());
  CHECK(bare.tenants->max_events_per_second == 0);
  CHECK(bare.tenants->max_bytes_per_second == 0);
  CHECK(bare.tenants->max_in_flight == 0);
  CHECK(bare.tenants->burst == std::chrono::milliseconds(1000));
  CHECK(bare.tenants->fair);
  CHECK(bare.tenants->fair_from == 1000);
  CHECK(bare.tenants->max_tenants == 1000000);
  const Settings full = settings_of(
      "  tenants: {max_events_per_second: 5, max_bytes_per_second: 2KiB, max_in_flight: 7, burst_ms: 9, fair: off, "
      "max_tenants: 11}\n");
  CHECK(full.tenants->max_events_per_second == 5);
  CHECK(full.tenants->max_bytes_per_second == 2048);
  CHECK(full.tenants->max_in_flight == 7);
  CHECK(full.tenants->burst == std::chrono::milliseconds(9));
  CHECK_FALSE(full.tenants->fair);
  CHECK(full.tenants->max_tenants == 11);
}

TEST_CASE("tenants' options without effect draw warnings") {
  CHECK(problems_of("  tenants: {fair: false, fair_from: 7, burst_ms: 5}\n") ==
        "agent.yaml:2:19: warning: kafka_events.tenants.fair: false, and no limit either: the block has no effect\n"
        "agent.yaml:2:37: warning: kafka_events.tenants.fair_from: has no effect with fair: false\n"
        "agent.yaml:2:50: warning: kafka_events.tenants.burst_ms: has no effect without max_events_per_second or "
        "max_bytes_per_second\n");
}

TEST_CASE("guard, requests and CloudEvents as they are written") {
  const Settings settings = settings_of(
      "  loop_guard: {origin: \"agent-${PORT}\", max_hops: 3, accept_own: yes}\n"
      "  requests: {max_pending: 5, allowed_reply_topics: \"a-.*\"}\n  cloudevents: {source: \"https://a/b?c#d\"}\n");
  CHECK(settings.loop_guard.origin == "agent-9093");
  CHECK(settings.loop_guard.max_hops == 3);
  CHECK(settings.loop_guard.accept_own);
  CHECK(settings.requests.max_pending == 5);
  CHECK(settings.requests.allowed_reply_topics == "a-.*");
  CHECK(settings.cloudevents_source == "https://a/b?c#d");
}

TEST_CASE("this machine has a name") { CHECK_FALSE(process_host_name().empty()); }
