// The producer against librdkafka's mock cluster: every accepted record is reported exactly once, whatever happens.
#include "kafka/producer.h"

#include <doctest/doctest.h>
#include <set>
#include <thread>

#include "fakes.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

struct Rig {
  SilentLog log;
  ReportCollector reports;
  std::unique_ptr<Producer> producer;
  TopicId topic{};

  explicit Rig(const std::string& bootstrap, std::vector<config::Property> more = {}) {
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", bootstrap), property("enable.idempotence", "true"),
                           property("reconnect.backoff.max.ms", "100"), property("linger.ms", "1")};
    settings.properties.insert(settings.properties.end(), more.begin(), more.end());
    auto made = Producer::create(settings, log);
    REQUIRE(made.ok());
    producer = std::move(made).value();
    REQUIRE(producer->start(reports).ok());
    topic = open("acapy-outbound-message");
  }

  TopicId open(std::string_view name) {
    auto opened = producer->open_topic(name);
    REQUIRE(opened.ok());
    return opened.value();
  }

  OutboundRecord record(std::uintptr_t number, std::string_view value = "payload") const {
    OutboundRecord made;
    made.topic = topic;
    made.value = value;
    made.value_in_event = true;
    made.event = numbered(number);
    return made;
  }
};

}  // namespace

TEST_CASE("every accepted record is reported once, with its place in Kafka") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 4);
  Rig rig(cluster.bootstrap());
  for (std::uintptr_t number = 1; number <= 1000; ++number) {
    REQUIRE(rig.producer->send(rig.record(number)) == SendStatus::accepted);
  }
  const FlushResult flushed = rig.producer->flush(in(10s));
  CHECK(flushed.everything_reported);
  CHECK(flushed.failed == 0);
  std::set<std::uintptr_t> seen;
  for (const Report& report : rig.reports.all()) {
    CHECK(report.delivered);
    CHECK(report.topic == "acapy-outbound-message");
    CHECK(report.offset >= 0);
    CHECK(report.reason.empty());
    seen.insert(report.number);
  }
  CHECK(seen.size() == 1000);
  CHECK(rig.reports.size() == 1000);
  CHECK(rig.producer->in_flight() == 0);
}

TEST_CASE("a given partition is kept, an unknown one refused") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 2);
  Rig rig(cluster.bootstrap());
  OutboundRecord record = rig.record(1);
  record.partition = 1;
  REQUIRE(rig.producer->send(record) == SendStatus::accepted);
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  CHECK(rig.reports.all()[0].partition == 1);
  record.partition = 7;
  const SendStatus status = rig.producer->send(record);
  CHECK(status == SendStatus::refused);
  CHECK(rig.producer->explain(status, record).find("nknown partition") != std::string::npos);
  CHECK(rig.reports.size() == 1);
}

TEST_CASE("headers, timestamps, tombstones and empty values go the full way") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 1);
  Rig rig(cluster.bootstrap());
  const Header headers[] = {{"agent-topic", "present-proof"}, {"agent-topic", Bytes("\0\xff", 2)}, {"none", Bytes()}};
  OutboundRecord record = rig.record(1);
  record.headers = headers;
  record.timestamp_ms = 1700000000000;
  record.key = "wallet";
  CHECK(rig.producer->send(record) == SendStatus::accepted);
  record = rig.record(2, Bytes());
  CHECK(rig.producer->send(record) == SendStatus::accepted);
  record = rig.record(3, "");
  CHECK(rig.producer->send(record) == SendStatus::accepted);
  CHECK(rig.producer->flush(in(10s)).delivered == 3);
}

TEST_CASE("a value outside its event is copied before send returns") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 1);
  Rig rig(cluster.bootstrap());
  {
    const auto value = std::make_unique<std::string>(1000, 'x');
    OutboundRecord record = rig.record(1, *value);
    record.value_in_event = false;
    REQUIRE(rig.producer->send(record) == SendStatus::accepted);
  }
  CHECK(rig.producer->flush(in(10s)).delivered == 1);
}

TEST_CASE("a full queue and a record over the limit take nothing and say why") {
  Rig rig("127.0.0.1:1", {property("queue.buffering.max.messages", "3"), property("message.max.bytes", "2000")});
  for (std::uintptr_t number = 1; number <= 3; ++number) {
    REQUIRE(rig.producer->send(rig.record(number)) == SendStatus::accepted);
  }
  const OutboundRecord one_more = rig.record(4);
  CHECK(rig.producer->send(one_more) == SendStatus::full);
  CHECK(rig.producer->explain(SendStatus::full, one_more).find("queue is full") != std::string::npos);
  rig.producer->flush(in(0ms));
  const std::string long_value(3000, 'x');
  const OutboundRecord large = rig.record(5, long_value);
  CHECK(rig.producer->send(large) == SendStatus::too_large);
  CHECK(rig.producer->explain(SendStatus::too_large, large).find("3000 bytes") != std::string::npos);
}

TEST_CASE("with no broker, records fail with a reason when their time is over") {
  Rig rig("127.0.0.1:1", {property("message.timeout.ms", "300")});
  REQUIRE(rig.producer->send(rig.record(1)) == SendStatus::accepted);
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  CHECK_FALSE(rig.reports.all()[0].delivered);
  CHECK(rig.reports.all()[0].reason.find("message.timeout.ms") != std::string::npos);
  CHECK_FALSE(rig.producer->connected());
  CHECK_FALSE(rig.producer->status().last_errors.empty());
}

TEST_CASE("a flush that runs out of time gives up what is left, and reports it") {
  Rig rig("127.0.0.1:1");
  for (std::uintptr_t number = 1; number <= 50; ++number) rig.producer->send(rig.record(number));
  const FlushResult flushed = rig.producer->flush(in(50ms));
  CHECK(flushed.everything_reported);
  CHECK(flushed.failed == 50);
  CHECK(rig.reports.size() == 50);
}

TEST_CASE("stop reports what is in flight, refuses what comes later, and start goes on with the same topics") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 1);
  Rig rig(cluster.bootstrap(), {property("linger.ms", "5000")});
  rig.producer->send(rig.record(1));
  rig.producer->stop(in(5s));
  CHECK(rig.reports.size() == 1);
  CHECK(rig.producer->send(rig.record(2)) == SendStatus::refused);
  CHECK(rig.producer->explain(SendStatus::refused, rig.record(2)) == "the producer is stopped");
  CHECK_FALSE(rig.producer->open_topic("another").ok());
  REQUIRE(rig.producer->start(rig.reports).ok());
  CHECK(rig.producer->send(rig.record(3)) == SendStatus::accepted);
  CHECK(rig.producer->flush(in(5s)).delivered == 1);
}

TEST_CASE("connected() follows the brokers, and delivery goes on when they return") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 1);
  const auto begin = std::chrono::steady_clock::now();
  Rig rig(cluster.bootstrap());
  REQUIRE(eventually([&] { return rig.producer->connected(); }));
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  CHECK(rig.producer->status().brokers.size() == 1);
  cluster.down();
  REQUIRE(eventually([&] { return !rig.producer->connected(); }));
  REQUIRE(rig.producer->send(rig.record(1)) == SendStatus::accepted);
  cluster.up();
  REQUIRE(eventually([&] { return rig.producer->connected(); }));
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  CHECK(rig.reports.all()[0].delivered);
}

TEST_CASE("a fatal error of the idempotent producer is survived, and nothing goes unreported") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 1);
  Rig rig(cluster.bootstrap());
  rig.producer->send(rig.record(1));
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  rd_kafka_mock_push_request_errors(cluster.get(), 0, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  rig.producer->send(rig.record(2));
  REQUIRE(eventually([&] { return rig.producer->status().recreated == 1; }));
  REQUIRE(eventually([&] { return rig.reports.size() == 2; }));
  REQUIRE(eventually([&] { return rig.producer->send(rig.record(3)) == SendStatus::accepted; }));
  REQUIRE(eventually([&] { return rig.reports.size() == 3; }));
  CHECK(rig.reports.all()[2].delivered);
}

TEST_CASE("senders on several threads may race with stop") {
  MockCluster cluster;
  cluster.create_topic("acapy-outbound-message", 2);
  Rig rig(cluster.bootstrap());
  std::atomic<std::size_t> accepted{0};
  std::atomic<bool> refused{false};
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([&] {
      while (true) {
        const SendStatus status = rig.producer->send(rig.record(1));
        if (status == SendStatus::refused) break;
        if (status == SendStatus::accepted) ++accepted;
      }
      refused = true;
    });
  }
  REQUIRE(eventually([&] { return accepted > 1000; }));
  rig.producer->stop(in(5s));
  for (std::thread& sender : senders) sender.join();
  CHECK(refused);
  CHECK(rig.reports.size() == accepted);
}
