// Two producers hand one client back and forth: what was sent is delivered and reported once, in its order, whoever sent it.
#include <atomic>
#include <doctest/doctest.h>
#include <map>
#include <shared_mutex>
#include <thread>

#include "fakes.h"
#include "kafka/client_handover.h"
#include "kafka/producer.h"
#include "memory_deposits.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view topic_name = "handed-over";
constexpr int partitions = 4;

config::ProducerSettings settings_for(const std::string& bootstrap, std::vector<config::Property> more = {}) {
  config::ProducerSettings settings;
  settings.properties = {property("bootstrap.servers", bootstrap), property("enable.idempotence", "true"),
                         property("reconnect.backoff.max.ms", "100"), property("linger.ms", "1")};
  settings.properties.insert(settings.properties.end(), more.begin(), more.end());
  return settings;
}

std::unique_ptr<Producer> make(const config::ProducerSettings& settings, Log& log) {
  auto made = Producer::create(settings, log);
  REQUIRE(made.ok());
  return std::move(made).value();
}

SuspendRequest to(const Producer& other, std::chrono::milliseconds time = 10s) {
  return {std::chrono::steady_clock::now() + time, {other.key("producer")}};
}

/// A cluster that takes its time, two versions of a producer, and what becomes of the records of either.
struct Pair {
  MockCluster cluster{3};
  SilentLog log;
  ReportCollector reports;
  MemoryDeposits deposits;
  std::unique_ptr<Producer> active;
  std::unique_ptr<Producer> other;
  TopicId topic{};

  explicit Pair(std::vector<config::Property> more = {}) {
    cluster.create_topic(std::string(topic_name), partitions);
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_rtt(cluster.get(), broker, 5);
    active = make(settings_for(cluster.bootstrap(), more), log);
    other = make(settings_for(cluster.bootstrap(), more), log);
    REQUIRE(active->start(reports).ok());
    open();
  }
  void open() {
    const auto opened = active->open_topic(topic_name);
    REQUIRE(opened.ok());
    topic = opened.value();
  }
  SendStatus send(std::uintptr_t number) const {
    OutboundRecord record;
    record.topic = topic;
    record.partition = static_cast<std::int32_t>(number % partitions);
    record.value = "payload";
    record.value_in_event = true;
    record.event = numbered(number);
    return active->send(record);
  }
  ProducerHandover swap() {
    auto handed = active->suspend("producer", to(*other), deposits);
    REQUIRE(handed.ok());
    REQUIRE(other->start(reports, OnLoss::replay, &handed.value(), &deposits).ok());
    active.swap(other);
    open();
    return std::move(handed).value();
  }
  /// Each record once, at ascending offsets of its partition, and nothing else there.
  void check(std::uintptr_t sent) const {
    REQUIRE(eventually([&] { return reports.size() >= sent; }));
    std::map<std::int32_t, std::map<std::uintptr_t, std::int64_t>> offsets;
    for (const Report& report : reports.all()) {
      CHECK(report.delivered);
      CHECK(offsets[report.partition].emplace(report.number, report.offset).second);
    }
    CHECK(reports.size() == sent);
    for (const auto& [partition, of] : offsets) {
      std::int64_t next = 0;
      for (const auto& [number, offset] : of) CHECK(offset == next++);
    }
  }
};

}  // namespace

TEST_CASE("a client goes back and forth under load: each record once, in its order") {
  for (const char* idempotent : {"true", "false"}) {
    CAPTURE(idempotent);
    Pair pair({property("enable.idempotence", idempotent)});
    std::shared_mutex hold;  // the host's: no event comes while versions change
    std::atomic<bool> stop{false};
    std::atomic<std::uintptr_t> sent{0};
    std::thread publisher([&] {
      while (!stop) {
        const std::shared_lock lock(hold);
        if (pair.send(sent + 1) == SendStatus::accepted) ++sent;
      }
    });
    std::uint64_t in_flight = 0;
    for (int swap = 0; swap < 100; ++swap) {
      const std::uintptr_t before = sent;
      REQUIRE(eventually([&] { return sent > before + 50; }));
      const std::lock_guard lock(hold);
      CHECK(pair.swap().deposited);
      in_flight += pair.active->in_flight();
    }
    stop = true;
    publisher.join();
    CHECK(in_flight > 0);
    pair.check(sent);
    CHECK(pair.active->status().delivered == sent);
    CHECK(pair.deposits.size() == 0);
  }
}

TEST_CASE("what is in flight while brokers are away is delivered by the version that took over") {
  Pair pair;
  for (std::uintptr_t number = 1; number <= 100; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  REQUIRE(eventually([&] { return pair.reports.size() == 100; }));
  pair.cluster.down();
  for (std::uintptr_t number = 101; number <= 300; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  for (int swap = 0; swap < 3; ++swap) CHECK(pair.swap().deposited);
  pair.cluster.up();
  for (std::uintptr_t number = 301; number <= 400; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  pair.check(400);
}

TEST_CASE("the version that took over has its topics open, and counters go on") {
  Pair pair;
  REQUIRE(pair.active->open_topic("another").ok());
  REQUIRE(pair.send(1) == SendStatus::accepted);
  REQUIRE(eventually([&] { return pair.active->status().delivered == 1; }));
  REQUIRE(eventually([&] { return pair.active->connected(); }));
  const ProducerHandover handed = pair.swap();
  CHECK(handed.topics == std::vector<std::string>{std::string(topic_name), "another"});
  CHECK(pair.active->status().topics == 2);
  CHECK(pair.active->connected());
  CHECK(pair.active->status().delivered == 1);
  CHECK_FALSE(pair.other->status().running);
  CHECK(pair.other->send({}) == SendStatus::refused);
}

TEST_CASE("a client that the other version would make differently is ended, when everything was reported") {
  Pair pair;
  for (std::uintptr_t number = 1; number <= 500; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  pair.other = make(settings_for(pair.cluster.bootstrap(), {property("linger.ms", "7")}), pair.log);
  pair.other->prepare();
  CHECK_FALSE(pair.swap().deposited);
  CHECK(pair.reports.size() == 500);
  CHECK(pair.active->connected());  // as prepared
  for (std::uintptr_t number = 501; number <= 600; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  pair.check(600);
}

TEST_CASE("records without an acknowledgement call the end of a client off, and nothing is given up") {
  Pair pair;
  REQUIRE(pair.send(1) == SendStatus::accepted);
  REQUIRE(eventually([&] { return pair.reports.size() == 1; }));
  pair.cluster.down();
  REQUIRE(pair.send(2) == SendStatus::accepted);
  const auto handed = pair.active->suspend("producer", {in(200ms), {}}, pair.deposits);
  REQUIRE_FALSE(handed.ok());
  CHECK(handed.error().code == ErrorCode::timeout);
  CHECK(pair.reports.size() == 1);
  pair.cluster.up();
  REQUIRE(pair.send(3) == SendStatus::accepted);
  pair.check(3);
}

TEST_CASE("a producer whose client nobody takes goes on") {
  Pair pair;
  pair.deposits.refuses = true;
  for (std::uintptr_t number = 1; number <= 100; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  CHECK_FALSE(pair.active->suspend("producer", to(*pair.other), pair.deposits).ok());
  for (std::uintptr_t number = 101; number <= 200; ++number) REQUIRE(pair.send(number) == SendStatus::accepted);
  pair.check(200);
}

TEST_CASE("a version that stops before it began leaves the client to the one before") {
  Pair pair;
  REQUIRE(pair.send(1) == SendStatus::accepted);
  auto handed = pair.active->suspend("producer", to(*pair.other), pair.deposits);
  REQUIRE(handed.ok());
  CHECK(pair.deposits.size() == 1);
  REQUIRE(pair.active->start(pair.reports, OnLoss::replay, &handed.value(), &pair.deposits).ok());
  CHECK(pair.deposits.size() == 0);
  REQUIRE(pair.send(2) == SendStatus::accepted);  // with the topic's id of before
  pair.check(2);
}

TEST_CASE("a deposit that is gone is no reason not to start") {
  Pair pair;
  ProducerHandover handed{.name = "producer", .deposited = true, .topics = {std::string(topic_name)}, .counters = {}};
  REQUIRE(pair.other->start(pair.reports, OnLoss::replay, &handed, &pair.deposits).ok());
  pair.active.swap(pair.other);
  REQUIRE(pair.send(1) == SendStatus::accepted);
  pair.check(1);
  CHECK(pair.active->status().last_errors.front().message.find("is gone") != std::string::npos);
}

TEST_CASE("keys are the same for the same client, whatever way it was written") {
  const auto key = [](std::vector<config::Property> properties, std::string_view more = {}) {
    return client_key("producer", properties, RD_KAFKA_PRODUCER, more).digest;
  };
  const std::string digest = key({property("bootstrap.servers", "a:1"), property("sasl.password", "secret", true)});
  CHECK(digest.size() == 32);
  CHECK(key({property("sasl.password", "secret"), property("metadata.broker.list", "a:1")}) == digest);
  CHECK(key({property("bootstrap.servers", "a:1"), property("sasl.password", "secret"), property("linger.ms", "5")}) ==
        digest);  // librdkafka's default
  CHECK(key({property("bootstrap.servers", "a:1"), property("sasl.password", "Secret")}) != digest);
  CHECK(key({property("bootstrap.servers", "a:1"), property("sasl.password", "secret")}, "more") != digest);
  CHECK(client_key("x", {}, RD_KAFKA_PRODUCER).digest != client_key("x", {}, RD_KAFKA_CONSUMER).digest);
  CHECK(key({property("no.such.property", "1")}).empty());
}
