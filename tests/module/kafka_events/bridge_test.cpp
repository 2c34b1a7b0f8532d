// Events out, records in, through the real module and an embedded Kafka; an independent client looks on.
#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <rapidjson/document.h>
#include <string>

#include "host_fixture.h"
#include "kafka_peer.h"

namespace {

using namespace module_test;

std::string text(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : "not a text"; }

rapidjson::Document parse(const host_stub::HttpReply& reply) {
  rapidjson::Document document;
  document.Parse(reply.body.data(), reply.body.size());
  REQUIRE_MESSAGE(!document.HasParseError(), reply.body);
  return document;
}

std::unique_ptr<host_stub::EmbeddedKafka> embedded_kafka() {
  auto kafka = host_stub::EmbeddedKafka::start();
  REQUIRE(kafka.ok());
  return std::move(kafka).value();
}

constexpr const char* only_out = "  inbound: { topics: [] }\n";
constexpr const char* quick_consumer =
    "  consumer-config: { auto_offset_reset: earliest, metadata_max_age_ms: 1000, session_timeout_ms: 6000,"
    " heartbeat_interval_ms: 500 }\n";

}  // namespace

TEST_CASE("an event becomes a record, and its acknowledgement a status event") {
  const auto kafka = embedded_kafka();
  Host host;
  const Watcher status(host.bus, "^acapy::outbound::message::");
  host.run(yaml(kafka->bootstrap_servers(), only_out));
  const std::string payload = "{\"content\":\"gr\xC3\xBC\xC3\x9F dich\"}";
  REQUIRE(host.publish("acapy::outbound::message", payload, "wallet-1") == AGENT_OK);
  REQUIRE(status.wait_for(1));

  const std::vector<KafkaRecord> records = KafkaPeer(kafka->bootstrap_servers()).consume("acapy-outbound-message", 1);
  REQUIRE(records.size() == 1);
  CHECK(records[0].value == payload);
  CHECK(records[0].key == "wallet-1");

  const SeenEvent seen = status.events()[0];
  CHECK(seen.topic == "acapy::outbound::message::sent_to_external_queue");
  CHECK(seen.payload == payload);
  CHECK(seen.tenant == "wallet-1");
  CHECK_FALSE(seen.header("event-id").empty());
  CHECK(seen.header("kafka-topic") == "acapy-outbound-message");
  CHECK(seen.header("kafka-partition") == std::to_string(records[0].partition));
  CHECK(seen.header("kafka-offset") == std::to_string(records[0].offset));
  CHECK_FALSE(host.log.mentions("wallet-1"));
  CHECK_FALSE(host.log.mentions("dich"));
}

TEST_CASE("thousands of events all arrive, in the order of their key, and are all acknowledged") {
  constexpr std::size_t count = 5000;
  const auto kafka = embedded_kafka();
  Host host;
  const Watcher status(host.bus, "^acapy::outbound::n::sent_to_external_queue$");
  host.run(yaml(kafka->bootstrap_servers(), only_out));
  for (std::size_t i = 0; i < count; ++i) {
    REQUIRE(host.publish("acapy::outbound::n", std::to_string(i), std::string("w").append(std::to_string(i % 7))) ==
            AGENT_OK);
  }
  REQUIRE(status.wait_for(count));
  CHECK(status.count() == count);
  const std::vector<KafkaRecord> records = KafkaPeer(kafka->bootstrap_servers()).consume("acapy-outbound-n", count);
  REQUIRE(records.size() == count);
  std::map<std::string, std::int64_t> last;
  for (const KafkaRecord& record : records) {
    const std::int64_t number = std::stoll(record.value);
    const auto [entry, first] = last.try_emplace(record.key, -1);
    CHECK(entry->second < number);
    entry->second = number;
  }
  const rapidjson::Document shown = parse(host.call("GET", "/kafka/status"));
  CHECK(shown["producer"]["delivered"].GetUint64() == count);
  CHECK(shown["producer"]["in_flight"].GetUint64() == 0);
}

TEST_CASE("a record becomes an event, and its offset is committed when the handlers are done") {
  const auto kafka = embedded_kafka();
  REQUIRE(kafka->create_topics({"acapy-inbound-test"}).ok());
  const KafkaPeer peer(kafka->bootstrap_servers());
  REQUIRE(peer.produce("acapy-inbound-test", "one", "k", {{"h", "v"}}));
  Host host;
  const Watcher events(host.bus, "^acapy::inbound::test$");
  host.run(yaml(kafka->bootstrap_servers(), quick_consumer));
  REQUIRE(events.wait_for(1));
  const SeenEvent seen = events.events()[0];
  CHECK(seen.payload == "one");
  CHECK(seen.key == "k");
  CHECK(seen.header("h") == "v");
  CHECK(eventually([&] { return host.health().ready; }));
  CHECK(eventually([&] {
    const rapidjson::Document status = parse(host.call("GET", "/kafka/status"));
    const auto& worker = status["workers"][0];
    std::int64_t done = 0;
    for (const auto& partition : worker["assignment"].GetArray()) {
      if (partition["committed"].IsInt64()) done += partition["committed"].GetInt64();
    }
    return text(worker["state"]) == "running" && worker["counts"]["done"].GetUint64() == 1 &&
           worker["assignment"].Size() == 4 && done == 1;
  }));
}

TEST_CASE("stop and start are idempotent; between them events are undeliverable; afterwards both ways flow again") {
  const auto kafka = embedded_kafka();
  REQUIRE(kafka->create_topics({"acapy-inbound-test"}).ok());
  const KafkaPeer peer(kafka->bootstrap_servers());
  Host host;
  const Watcher in(host.bus, "^acapy::inbound::test$");
  const Watcher sent(host.bus, "^acapy::outbound::x::sent_to_external_queue$");
  const Watcher undeliverable(host.bus, "^acapy::outbound::x::undeliverable$");
  host.run(yaml(kafka->bootstrap_servers(), quick_consumer));
  REQUIRE(peer.produce("acapy-inbound-test", "before"));
  REQUIRE(in.wait_for(1));

  for (int twice = 0; twice < 2; ++twice) {
    const host_stub::HttpReply stopped = host.call("POST", "/kafka/stop");
    CHECK(stopped.status == 200);
    CHECK(text(parse(stopped)["result"]) == "Kafka plugin stopped");
  }
  CHECK(text(parse(host.call("GET", "/kafka/status"))["state"]) == "stopped");
  CHECK_FALSE(host.health().ready);
  (void)host.publish("acapy::outbound::x", "while stopped");
  REQUIRE(undeliverable.wait_for(1));
  CHECK_FALSE(undeliverable.events()[0].header("reason").empty());
  REQUIRE(peer.produce("acapy-inbound-test", "while stopped"));

  for (int twice = 0; twice < 2; ++twice) {
    CHECK(text(parse(host.call("GET", "/kafka/start"))["result"]) == "Kafka plugin started");
  }
  REQUIRE(host.publish("acapy::outbound::x", "after") == AGENT_OK);
  REQUIRE(sent.wait_for(1));
  CHECK(sent.events()[0].payload == "after");
  REQUIRE(in.wait_for(2));
  CHECK(in.events()[1].payload == "while stopped");
  CHECK(in.count() == 2);
}

TEST_CASE("a drain delivers what is in flight and tells how much") {
  const auto kafka = embedded_kafka();
  Host host;
  const Watcher sent(host.bus, "^acapy::outbound::d::sent_to_external_queue$");
  host.run(yaml(kafka->bootstrap_servers(), std::string(only_out) + "  producer-config: { linger_ms: 500 }\n"));
  for (int i = 0; i < 100; ++i) REQUIRE(host.publish("acapy::outbound::d", "x") == AGENT_OK);
  const std::vector<host_stub::PluginDrain> drained = host.plugins.drain_all(10s);
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].status == AGENT_OK);
  CHECK(drained[0].report.delivered == 100);
  CHECK(drained[0].report.undelivered == 0);
  CHECK(sent.count() == 100);
  CHECK(host.call("POST", "/kafka/start").status == 409);
}

TEST_CASE("what cannot be delivered by the drain's deadline is given up, counted and announced") {
  Host host;
  const Watcher undeliverable(host.bus, "^acapy::outbound::d::undeliverable$");
  host.run(yaml("127.0.0.1:1", only_out));
  for (int i = 0; i < 10; ++i) REQUIRE(host.publish("acapy::outbound::d", "x") == AGENT_OK);
  const std::vector<host_stub::PluginDrain> drained = host.plugins.drain_all(300ms);
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].status == AGENT_E_TIMEOUT);
  CHECK(drained[0].report.undelivered == 10);
  CHECK(undeliverable.count() == 10);
}

TEST_CASE("figures follow what happened") {
  const auto kafka = embedded_kafka();
  Host host;
  const Watcher sent(host.bus, "^acapy::outbound::m::sent_to_external_queue$");
  host.run(yaml(kafka->bootstrap_servers(), only_out));
  for (int i = 0; i < 3; ++i) REQUIRE(host.publish("acapy::outbound::m", "x", "tenant-7") == AGENT_OK);
  REQUIRE(sent.wait_for(3));
  std::string page;
  const agent_metrics_sink sink{
      sizeof sink,
      0,
      &page,
      [](void* context, agent_text name, std::int32_t, agent_text) {
        static_cast<std::string*>(context)->append("\n").append(name.data, name.size);
      },
      [](void* context, const agent_metric_label* const* labels, std::size_t count, double value) {
        auto& to = *static_cast<std::string*>(context);
        for (std::size_t i = 0; i < count; ++i) to.append(" ").append(labels[i]->value.data, labels[i]->value.size);
        to.append("=").append(std::to_string(static_cast<long>(value)));
      },
      [](void* context, const agent_metric_label* const*, std::size_t, const agent_metric_histogram* histogram) {
        static_cast<std::string*>(context)->append(" n=").append(std::to_string(histogram->count));
      }};
  host.plugins.collect_metrics(sink);
  CHECK_MESSAGE(page.find("kafka_events_produced_total default delivered=3") != std::string::npos, page);
  CHECK(page.find("kafka_events_delivery_seconds n=3") != std::string::npos);
  CHECK(page.find("kafka_events_up=1") != std::string::npos);
  CHECK(page.find("tenant-7") == std::string::npos);
}
