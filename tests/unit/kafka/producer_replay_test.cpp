// What becomes of records when the producer's client is replaced: given to the next one, or reported, always in order.
#include <algorithm>
#include <atomic>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <thread>

#include "fakes.h"
#include "kafka/handles.h"
#include "kafka/producer.h"
#include "kafka/producer_properties.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

constexpr const char* topic_name = "acapy-outbound-message";
constexpr int partitions = 2;

struct Rig {
  SilentLog log;
  ReportCollector reports;
  std::unique_ptr<Producer> producer;
  TopicId topic{};

  Rig(const std::string& bootstrap, OnLoss on_loss, std::vector<config::Property> more = {}) {
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", bootstrap), property("enable.idempotence", "true"),
                           property("reconnect.backoff.max.ms", "100"), property("linger.ms", "0"),
                           property("batch.num.messages", "10")};
    settings.properties.insert(settings.properties.end(), more.begin(), more.end());
    auto made = Producer::create(settings, log);
    REQUIRE(made.ok());
    producer = std::move(made).value();
    REQUIRE(producer->start(reports, on_loss).ok());
    topic = producer->open_topic(topic_name).value();
  }

  SendStatus send(std::uint64_t number) const {
    const std::string value = std::to_string(number);
    const Header header{"n", value};
    OutboundRecord record;
    record.topic = topic;
    record.partition = static_cast<std::int32_t>(number % partitions);
    record.key = "key";
    record.value = value;
    record.headers = std::span(&header, 1);
    record.number = number;
    return producer->send(record);
  }
  void send_all(std::uint64_t first, std::uint64_t end) const {
    for (std::uint64_t number = first; number < end; ++number) {
      REQUIRE(eventually([&] { return send(number) == SendStatus::accepted; }));
    }
  }
};

/// The values of a partition, each the first time that it occurs, until `count` different ones were read.
std::vector<std::uint64_t> first_occurrences(MockCluster& cluster, int partition, std::size_t count) {
  rd_kafka_mock_broker_set_rtt(cluster.get(), -1, 0);
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set(conf.get(), "bootstrap.servers", cluster.bootstrap().c_str(), nullptr, 0);
  rd_kafka_conf_set(conf.get(), "group.id", "reader", nullptr, 0);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf.release(), nullptr, 0);
  {
    const PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic_name, partition)->offset = 0;
    rd_kafka_assign(client, list.get());
  }
  std::vector<std::uint64_t> values;
  std::set<std::uint64_t> seen;
  eventually([&] {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 50);
    if (message == nullptr) return false;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto number = std::stoull(std::string(static_cast<const char*>(message->payload), message->len));
      if (seen.insert(number).second) values.push_back(number);
    }
    rd_kafka_message_destroy(message);
    return values.size() == count;
  });
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
  return values;
}

bool is_ascending(const std::vector<std::uint64_t>& numbers) {
  return std::ranges::adjacent_find(numbers, std::greater_equal()) == numbers.end();
}

/// The most records that one record comes after although it was sent before them.
std::size_t overtaken_by(const std::vector<std::uint64_t>& values) {
  std::size_t most = 0;
  for (auto value = values.begin(); value != values.end(); ++value) {
    const auto later = std::count_if(values.begin(), value, [&](std::uint64_t earlier) { return earlier > *value; });
    most = std::max(most, static_cast<std::size_t>(later));
  }
  return most;
}

/// Requests in flight, more records in librdkafka's queues behind them.
void slow_down(MockCluster& cluster) { rd_kafka_mock_broker_set_rtt(cluster.get(), -1, 40); }

}  // namespace

TEST_CASE("replay: records without a report arrive in order, before later ones, and none is reported as failed") {
  MockCluster cluster;
  cluster.create_topic(topic_name, partitions);
  Rig rig(cluster.bootstrap(), OnLoss::replay);
  rig.send_all(1, 11);
  REQUIRE(eventually([&] { return rig.reports.size() == 10; }));
  slow_down(cluster);
  SUBCASE("after a fatal error") {
    // A real broker refuses what follows a gap as well; the mock cluster takes it, so that it has to be told for all that
    // may be in flight.
    for (int request = 0; request < 10; ++request) {
      rd_kafka_mock_push_request_errors(cluster.get(), 0, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
    rig.send_all(11, 401);
    REQUIRE(eventually([&] { return rig.producer->status().recreated > 0; }));
    rd_kafka_mock_clear_request_errors(cluster.get(), 0);
  }
  SUBCASE("after renew()") {
    rig.send_all(11, 101);
    std::this_thread::sleep_for(20ms);  // the first ones are on their way, the others are the newest in another queue
    rig.send_all(101, 401);
    rig.producer->renew();
  }
  REQUIRE(eventually([&] { return rig.producer->status().recreated > 0; }));
  rig.send_all(401, 501);
  REQUIRE(eventually([&] { return rig.reports.size() == 500; }));
  for (const Report& report : rig.reports.all()) CHECK(report.delivered);
  CHECK(rig.producer->status().replayed > 0);
  CHECK(rig.producer->in_flight() == 0);
  for (int partition = 0; partition < partitions; ++partition) {
    const auto values = first_occurrences(cluster, partition, 250);
    CHECK(values.size() == 250);
    CHECK(is_ascending(values));
  }
}

TEST_CASE("replay: several renewals in a row lose nothing and keep the order") {
  MockCluster cluster;
  cluster.create_topic(topic_name, partitions);
  Rig rig(cluster.bootstrap(), OnLoss::replay);
  slow_down(cluster);
  for (std::uint64_t round = 0; round < 4; ++round) {
    rig.send_all(round * 100 + 1, round * 100 + 101);
    rig.producer->renew();
    REQUIRE(eventually([&] { return rig.producer->status().recreated > round; }));
  }
  REQUIRE(eventually([&] { return rig.reports.size() == 400; }));
  for (const Report& report : rig.reports.all()) CHECK(report.delivered);
  for (int partition = 0; partition < partitions; ++partition) {
    const auto values = first_occurrences(cluster, partition, 200);
    CHECK(values.size() == 200);
    CHECK(is_ascending(values));
  }
}

TEST_CASE("report: records come back in order, as transient failures, whole") {
  MockCluster cluster;
  cluster.create_topic(topic_name, partitions);
  Rig rig(cluster.bootstrap(), OnLoss::report);
  rig.send_all(1, 11);
  REQUIRE(eventually([&] { return rig.reports.size() == 10; }));
  slow_down(cluster);
  SUBCASE("in flight and in the queue") {}
  SUBCASE("and waiting for a retry, behind requests that were sent later") {
    rd_kafka_mock_push_request_errors(cluster.get(), 0, 1, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  }
  rig.send_all(11, 401);
  REQUIRE(eventually([&] { return rig.reports.size() > 10; }));
  rd_kafka_mock_broker_set_rtt(cluster.get(), -1, 400);  // requests that go now stay on their way
  rig.send_all(401, 2001);  // so that all of librdkafka's queues hold something: it purges the newest first
  std::this_thread::sleep_for(100ms);
  rig.producer->renew();
  REQUIRE(eventually([&] { return rig.reports.size() == 2000; }));
  std::map<int, std::vector<std::uint64_t>> lost;
  std::size_t maybe_written = 0;
  for (const Report& report : rig.reports.all()) {
    if (report.delivered) continue;
    CHECK(report.failure == Failure::transient);
    CHECK_FALSE(report.has_event);
    CHECK(report.key == "key");
    CHECK(report.value == std::to_string(report.number));
    REQUIRE(report.headers.size() == 1);
    CHECK(report.headers[0].second == report.value);
    CHECK(report.timestamp_ms > 1600000000000);
    maybe_written += report.maybe_written ? 1 : 0;
    lost[report.partition].push_back(report.number);
  }
  CHECK(lost.size() == partitions);
  for (const auto& [partition, numbers] : lost) CHECK(is_ascending(numbers));
  CHECK(maybe_written > 0);
  CHECK(maybe_written < 1990);
  REQUIRE(eventually([&] { return rig.send(3000) == SendStatus::accepted; }));
  REQUIRE(eventually([&] { return rig.reports.size() == 2001; }));
}

TEST_CASE("senders meet a full producer while its client is replaced, never a refusal") {
  MockCluster cluster;
  cluster.create_topic(topic_name, partitions);
  Rig rig(cluster.bootstrap(), OnLoss::replay);
  std::atomic<bool> end{false};
  std::atomic<bool> refused{false};
  std::atomic<std::uint64_t> accepted{0};
  std::thread sender([&] {
    for (std::uint64_t number = 1; !end;) {
      const SendStatus status = rig.send(number);
      refused = refused || (status != SendStatus::accepted && status != SendStatus::full);
      if (status != SendStatus::accepted) continue;
      accepted = number++;
    }
  });
  for (std::uint64_t round = 0; round < 3; ++round) {
    const std::uint64_t before = accepted;
    REQUIRE(eventually([&] { return accepted > before + 100; }));
    rig.producer->renew();
    REQUIRE(eventually([&] { return rig.producer->status().recreated > round; }));
    CHECK(rig.producer->open_topic("opened-" + std::to_string(round)).ok());
  }
  end = true;
  sender.join();
  CHECK_FALSE(refused);
  CHECK(rig.producer->flush(in(20s)).everything_reported);
  CHECK(rig.reports.size() == accepted);
}

TEST_CASE("a record is not replayed when its time, counted from the first client, is over") {
  Rig rig("127.0.0.1:1", OnLoss::replay, {property("delivery.timeout.ms", "4000")});
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(rig.send(1) == SendStatus::accepted);
  std::this_thread::sleep_until(begin + 1900ms);
  rig.producer->renew();  // served within a second: the thread may be asking for a broker
  REQUIRE(eventually([&] { return rig.producer->status().replayed == 1; }));
  std::this_thread::sleep_until(begin + 4100ms);
  CHECK(rig.reports.size() == 0);
  rig.producer->renew();
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  const Report report = rig.reports.all()[0];
  CHECK(report.latency_us < 3'900'000);  // of the second client, which alone would keep it for 4 s
  CHECK(report.failure == Failure::transient);
  CHECK(report.reason.find("message.timeout.ms") != std::string::npos);
}

TEST_CASE("stop and flush report what a replay has not delivered, in order") {
  Rig rig("127.0.0.1:1", OnLoss::replay);
  rig.send_all(1, 301);
  rig.producer->renew();
  SUBCASE("stop") { rig.producer->stop(in(5s)); }
  SUBCASE("flush") {
    CHECK(rig.producer->flush(in(20ms)).everything_reported);
    CHECK(rig.producer->in_flight() == 0);
  }
  REQUIRE(rig.reports.size() == 300);
  std::map<int, std::vector<std::uint64_t>> numbers;
  for (const Report& report : rig.reports.all()) {
    CHECK_FALSE(report.delivered);
    numbers[static_cast<int>(report.number % partitions)].push_back(report.number);
  }
  for (const auto& [partition, all] : numbers) CHECK(is_ascending(all));
}

TEST_CASE("what the broker will never take is told apart from what may pass later") {
  MockCluster cluster;
  cluster.create_topic(topic_name, partitions);
  Rig rig(cluster.bootstrap(), OnLoss::replay);
  rd_kafka_mock_push_request_errors(cluster.get(), 0, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  REQUIRE(rig.send(1) == SendStatus::accepted);
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  CHECK(rig.reports.all()[0].failure == Failure::permanent);
  CHECK_FALSE(rig.reports.all()[0].maybe_written);
}

TEST_CASE("a record that the broker sends back is not overtaken by later ones, whatever the guarantee") {
  ProducerRole role;
  std::vector<config::Property> more;
  // librdkafka has built the next request already when a broker sends one back. An idempotent producer takes that one out again.
  std::size_t most = 0;
  // What follows a gap a real broker refuses as well; the mock cluster takes it, so that there must be none.
  const auto one_at_a_time = property("max.in.flight.requests.per.connection", "1");
  SUBCASE("at_most_once") {
    role.qos = config::Qos::at_most_once;
    most = 10;
  }
  SUBCASE("at_most_once, acks=all") {
    role.qos = config::Qos::at_most_once;
    more = {property("acks", "all"), one_at_a_time};
  }
  SUBCASE("at_least_once") { more = {one_at_a_time}; }
  SUBCASE("at_least_once without idempotence") {
    more = {property("enable.idempotence", "false")};
    most = 10;
  }
  MockCluster cluster;
  cluster.create_topic(topic_name, partitions);
  config::ProducerSettings settings;
  settings.properties = std::move(more);
  Rig rig(cluster.bootstrap(), OnLoss::report, settings_for(settings, role).settings.properties);
  rig.send_all(1, 11);
  REQUIRE(eventually([&] { return rig.reports.size() == 10; }));
  slow_down(cluster);
  // What a leader says that does not know yet that it is one; librdkafka sends again without counting it as a retry.
  rd_kafka_mock_push_request_errors(cluster.get(), 0, 1, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  rig.send_all(11, 401);
  REQUIRE(eventually([&] { return rig.reports.size() == 400; }));
  for (const Report& report : rig.reports.all()) CHECK(report.delivered);
  for (int partition = 0; partition < partitions; ++partition) {
    const auto values = first_occurrences(cluster, partition, 200);
    CHECK(values.size() == 200);
    CHECK(overtaken_by(values) <= most);
  }
}
