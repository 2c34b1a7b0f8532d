// The transactional producer against the mock cluster, which answers transactional requests without their semantics: what
// each of librdkafka's errors means for the next step. What consumers see is tested on a real broker.
#include "kafka/transactional_producer.h"

#include <doctest/doctest.h>

#include "fakes.h"
#include "kafka/producer_properties.h"
#include "kafka/transaction_offsets.h"
#include "memory_deposits.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

// Numbers of requests in the Kafka protocol.
constexpr std::int16_t produce = 0;
constexpr std::int16_t add_partitions = 24;
constexpr std::int16_t add_offsets = 25;
constexpr std::int16_t end_transaction = 26;

constexpr const char* topic_name = "acapy-outbound-message";

struct Rig {
  MockCluster cluster;
  SilentLog log;
  ReportCollector reports;
  std::unique_ptr<TransactionalProducer> producer;
  TopicId topic{};

  explicit Rig(std::chrono::milliseconds timeout = 60s) {
    cluster.create_topic(topic_name, 2);
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", cluster.bootstrap()), property("linger.ms", "1"),
                           property("reconnect.backoff.max.ms", "100"), property("retry.backoff.ms", "50")};
    settings.transactional_id = "agent-7";
    settings.transaction_timeout = timeout;
    auto made = TransactionalProducer::create(settings_for(settings, {.qos = config::Qos::exactly_once}).settings, log);
    REQUIRE(made.ok());
    producer = std::move(made).value();
    REQUIRE(producer->start(reports).ok());
    topic = producer->open_topic(topic_name).value();
    REQUIRE(producer->prepare(in(10s)).ok());
  }

  SendStatus send(std::uint64_t number) const {
    OutboundRecord record;
    record.topic = topic;
    record.value = "payload";
    record.number = number;
    return producer->send(record);
  }
  void begin_with(std::uint64_t records) const {
    REQUIRE(producer->begin().ok());
    for (std::uint64_t number = 1; number <= records; ++number) REQUIRE(send(number) == SendStatus::accepted);
  }
  TransactionStep commit(std::chrono::milliseconds time = 10s) const {
    const TransactionOffset position{{topic_name, 0}, 100};
    return producer->commit(std::span(&position, 1), producer->plain_group_metadata("agent-7"), in(time));
  }
  void fail_next(std::int16_t request, rd_kafka_resp_err_t code) {
    rd_kafka_mock_push_request_errors(cluster.get(), request, 1, code);
  }
};

}  // namespace

TEST_CASE("records and offsets are committed, transaction after transaction") {
  Rig rig;
  for (std::size_t round = 1; round <= 3; ++round) {
    rig.begin_with(100);
    REQUIRE(rig.commit().ok());
    CHECK(rig.reports.size() == round * 100);
  }
  for (const Report& report : rig.reports.all()) CHECK(report.delivered);
  CHECK(rig.producer->status().delivered == 300);
}

TEST_CASE("records are refused outside a transaction, and steps out of order are no crash") {
  Rig rig;
  CHECK(rig.send(1) == SendStatus::refused);
  CHECK(rig.commit().state == TransactionState::renew);
  CHECK(rig.producer->abort(in(1s)).ok());  // there is nothing to abort
  rig.begin_with(1);
  CHECK(rig.producer->begin().state == TransactionState::renew);
  CHECK(rig.commit().ok());
}

TEST_CASE("every record of an aborted transaction is reported when abort returns") {
  Rig rig;
  rig.begin_with(500);
  CHECK(rig.producer->abort(in(10s)).ok());
  CHECK(rig.reports.size() == 500);
  rig.begin_with(1);
  CHECK(rig.commit().ok());
}

TEST_CASE("a record that the broker will never take fails its transaction, not the next one") {
  Rig rig;
  rig.fail_next(produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  rig.begin_with(1);
  CHECK(rig.commit().state == TransactionState::abort);
  CHECK(rig.reports.all().at(0).failure == Failure::permanent);
  CHECK(rig.producer->abort(in(10s)).ok());
  // librdkafka may need one transaction to see that its sequence numbers have a gap now.
  rig.begin_with(1);
  if (!rig.commit().ok()) {
    CHECK(rig.producer->abort(in(10s)).ok());
    rig.begin_with(1);
    CHECK(rig.commit().ok());
  }
}

TEST_CASE("what librdkafka calls abortable is aborted") {
  Rig rig;
  rig.fail_next(add_partitions, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  rig.begin_with(5);
  CHECK(rig.commit().state == TransactionState::abort);
  CHECK(rig.producer->abort(in(10s)).ok());
  CHECK(rig.reports.size() == 5);
}

TEST_CASE("fencing within the transaction's time is final; the same error after it is the coordinator's time-out") {
  SUBCASE("young transaction") {
    Rig rig;
    rig.begin_with(1);
    rig.fail_next(end_transaction, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    const TransactionStep step = rig.commit();
    CHECK(step.state == TransactionState::fenced);
    CHECK(step.message.find("another instance") != std::string::npos);
    CHECK(rig.send(2) == SendStatus::refused);
    CHECK(rig.producer->begin().state == TransactionState::renew);
  }
  SUBCASE("old transaction") {
    Rig rig(1s);
    rig.begin_with(1);
    std::this_thread::sleep_for(1100ms);
    rig.fail_next(add_offsets, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
    CHECK(rig.commit().state == TransactionState::renew);
    REQUIRE(rig.producer->prepare(in(10s)).ok());
    rig.begin_with(1);
    CHECK(rig.commit().ok());
  }
}

TEST_CASE("a client beyond repair is replaced, keeps its topics, and has reported everything") {
  Rig rig;
  rig.begin_with(10);
  rig.fail_next(end_transaction, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE);
  CHECK(rig.commit().state == TransactionState::renew);
  CHECK(rig.reports.size() == 10);
  CHECK(rig.send(1) == SendStatus::full);
  CHECK(rig.producer->open_topic("opened-meanwhile").ok());
  REQUIRE(rig.producer->prepare(in(10s)).ok());
  CHECK(rig.producer->status().recreated == 1);
  rig.begin_with(10);
  CHECK(rig.commit().ok());
}

TEST_CASE("a commit that may have been obeyed is never answered with abort") {
  Rig rig;
  rig.begin_with(10);
  rig.fail_next(end_transaction, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID);  // abortable to librdkafka
  CHECK(rig.commit().state == TransactionState::renew);
}

TEST_CASE("a broker that is away makes steps be asked again") {
  Rig rig;
  rig.begin_with(1);
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  rig.cluster.down();
  CHECK(rig.commit(300ms).state == TransactionState::again);
  rig.cluster.up();
  TransactionStep step = rig.commit();
  CHECK(step.ok());
  rig.producer->stop(in(5s));
  rig.cluster.down();
  REQUIRE(rig.producer->start(rig.reports).ok());
  CHECK(rig.producer->prepare(in(300ms)).state == TransactionState::again);
  rig.cluster.up();
  CHECK(rig.producer->prepare(in(10s)).ok());
}

TEST_CASE("an end that stays undecided for longer than a transaction lives costs the client") {
  Rig rig(1s);
  rig.begin_with(1);
  REQUIRE(eventually([&] { return rig.reports.size() == 1; }));
  rig.cluster.down();
  TransactionStep step;
  REQUIRE(eventually([&] {
    step = rig.producer->commit({}, {}, in(200ms));
    return step.state != TransactionState::again;
  }));
  CHECK(step.state == TransactionState::renew);
}

TEST_CASE("stop reports what is open, and start goes on with the same topics") {
  Rig rig;
  rig.begin_with(100);
  rig.producer->stop(in(5s));
  CHECK(rig.reports.size() == 100);
  CHECK(rig.send(1) == SendStatus::refused);
  CHECK_FALSE(rig.producer->open_topic("another").ok());
  REQUIRE(rig.producer->start(rig.reports).ok());
  REQUIRE(rig.producer->prepare(in(10s)).ok());
  rig.begin_with(1);
  CHECK(rig.commit().ok());
}

TEST_CASE("a transactional id is needed") {
  SilentLog log;
  config::ProducerSettings settings;
  settings.properties = {property("bootstrap.servers", "127.0.0.1:1")};
  CHECK_FALSE(TransactionalProducer::create(settings, log).ok());
}

TEST_CASE("group metadata goes through text, and a plain id is metadata too") {
  const GroupMetadata member(rd_kafka_consumer_group_metadata_new_with_genid("group", 7, "member", nullptr));
  const std::string text = write_group_metadata(*member);
  CHECK(write_group_metadata(*read_group_metadata(text)) == text);
  const GroupMetadata plain(rd_kafka_consumer_group_metadata_new("group"));
  CHECK(write_group_metadata(*read_group_metadata("group")) == write_group_metadata(*plain));
}

TEST_CASE("between transactions another version goes on with the client, and registers nothing anew") {
  Rig rig;
  MemoryDeposits deposits;
  auto other = TransactionalProducer::create(
      settings_for({.properties = {property("bootstrap.servers", rig.cluster.bootstrap()), property("linger.ms", "1"),
                                   property("reconnect.backoff.max.ms", "100"), property("retry.backoff.ms", "50")},
                    .transactional_id = "agent-7"},
                   {.qos = config::Qos::exactly_once})
          .settings,
      rig.log);
  REQUIRE(other.ok());
  for (int swap = 0; swap < 4; ++swap) {
    rig.begin_with(10);
    const SuspendRequest request{in(5s), {other.value()->key("producer")}};
    CHECK(rig.producer->suspend("producer", request, deposits).error().code == ErrorCode::busy);
    REQUIRE(rig.commit().ok());
    const auto handed = rig.producer->suspend("producer", request, deposits);
    REQUIRE(handed.ok());
    CHECK(handed.value().deposited);
    // Registering would fail.
    rig.fail_next(22, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    REQUIRE(other.value()->start(rig.reports, &handed.value(), &deposits).ok());
    rig.producer.swap(other.value());
    CHECK(rig.producer->prepare(in(1s)).ok());
    rd_kafka_mock_clear_request_errors(rig.cluster.get(), 22);
  }
  rig.begin_with(10);
  REQUIRE(rig.commit().ok());
  CHECK(rig.producer->status().delivered == 50);
  CHECK(rig.producer->status().recreated == 0);
}
