// Pause, resume and redrive through the real routes of the real host.
#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <string>

#include "host_fixture.h"
#include "kafka_peer.h"

namespace {

using namespace module_test;

rapidjson::Document parse(const host_stub::HttpReply& reply) {
  rapidjson::Document document;
  document.Parse(reply.body.data(), reply.body.size());
  REQUIRE_MESSAGE(!document.HasParseError(), reply.body);
  return document;
}

constexpr const char* quick_consumer =
    "  consumer-config: { auto_offset_reset: earliest, metadata_max_age_ms: 1000, session_timeout_ms: 6000,"
    " heartbeat_interval_ms: 500 }\n";

}  // namespace

TEST_CASE("a paused worker rests until it is resumed; unknown and stopped workers are refused") {
  auto kafka = host_stub::EmbeddedKafka::start();
  REQUIRE(kafka.ok());
  REQUIRE(kafka.value()->create_topics({"acapy-inbound-test"}).ok());
  const KafkaPeer peer(kafka.value()->bootstrap_servers());
  Host host;
  const Watcher events(host.bus, "^acapy::inbound::test$");
  host.run(yaml(kafka.value()->bootstrap_servers(), quick_consumer));
  REQUIRE(peer.produce("acapy-inbound-test", "before"));
  REQUIRE(events.wait_for(1));

  const rapidjson::Document paused = parse(host.call("POST", "/kafka/consumers/inbound/pause"));
  REQUIRE(paused["partitions"].Size() == 4);
  CHECK(paused["partitions"][0]["paused_by_operator"].GetBool());
  REQUIRE(peer.produce("acapy-inbound-test", "meanwhile"));
  // The end of the partition is fetched for the status while nothing is taken from it.
  CHECK(parse(host.call("GET", "/kafka/status"))["workers"][0]["paused_by_operator"].GetBool());
  CHECK(events.count() == 1);
  CHECK(host.call("POST", "/kafka/consumers/inbound/resume").status == 200);
  REQUIRE(events.wait_for(2));
  CHECK(events.events()[1].payload == "meanwhile");

  CHECK(host.call("POST", "/kafka/consumers/nobody/pause").status == 404);
  CHECK(host.call("POST", "/kafka/stop").status == 200);
  CHECK(host.call("POST", "/kafka/consumers/inbound/pause").status == 409);
  CHECK(host.call("GET", "/kafka/dead-letters").status == 409);
}

TEST_CASE("a record whose handler fails is listed as a dead letter and redriven once") {
  auto kafka = host_stub::EmbeddedKafka::start();
  REQUIRE(kafka.ok());
  REQUIRE(kafka.value()->create_topics({"acapy-inbound-test", "dlq-acapy-inbound-test"}).ok());
  const KafkaPeer peer(kafka.value()->bootstrap_servers());
  Host host;
  const Watcher events(host.bus, "^acapy::inbound::test$");
  host.run(yaml(kafka.value()->bootstrap_servers(),
                std::string(quick_consumer) + "  inbound: { codec: envelope, retries: { attempts: 1 } }\n"));
  REQUIRE(peer.produce("acapy-inbound-test", "{not json", "wallet-1"));
  const auto dead_lettered = [&] {
    return parse(host.call("GET", "/kafka/status"))["workers"][0]["counts"]["dead_lettered"].GetUint64();
  };
  REQUIRE(eventually([&] { return dead_lettered() == 1; }));

  const rapidjson::Document list = parse(host.call("GET", "/kafka/dead-letters"));
  REQUIRE(list["dead_letters"].Size() == 1);
  CHECK(std::string(list["dead_letters"][0]["stage"].GetString()) == "decode");
  CHECK_FALSE(list["dead_letters"][0]["redriven"].GetBool());
  CHECK(host.call("GET", "/kafka/dead-letters").body.find("wallet-1") == std::string::npos);

  CHECK(parse(host.call("POST", "/kafka/dead-letters/redrive"))["redriven"].GetUint64() == 1);
  REQUIRE(eventually([&] { return dead_lettered() == 2; }));  // it dies again, and says how often
  const rapidjson::Document again = parse(host.call("GET", "/kafka/dead-letters"));
  REQUIRE(again["dead_letters"].Size() == 2);
  CHECK(again["topics"][0]["open"].GetUint64() == 1);
  CHECK_FALSE(host.log.mentions("wallet-1"));
}
