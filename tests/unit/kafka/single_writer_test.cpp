// The single writer against the mock cluster, which has transactional requests without their semantics: reports after the
// commit, what an abort or fencing means for records, bounds, stop and start. What readers see is tested on a real broker.
#include "kafka/single_writer.h"

#include <doctest/doctest.h>

#include "fakes.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

// Numbers of requests in the Kafka protocol.
constexpr std::int16_t produce = 0;
constexpr std::int16_t add_partitions = 24;
constexpr std::int16_t add_offsets = 25;
constexpr std::int16_t end_transaction = 26;

constexpr const char* topic_name = "orders";

struct Rig {
  explicit Rig(const std::string& max_messages = "100000") {
    cluster.create_topic(topic_name, 2);
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", cluster.bootstrap()), property("linger.ms", "1"),
                           property("reconnect.backoff.max.ms", "100"), property("retry.backoff.ms", "50"),
                           property("queue.buffering.max.messages", max_messages)};
    settings.max_record_bytes = 1000;
    auto made = SingleWriter::create(settings, log);
    REQUIRE(made.ok());
    writer = std::move(made).value();
  }
  void open() {
    REQUIRE(writer->start(reports).ok());
    topic = writer->open_topic(topic_name).value();
  }
  SendStatus send(std::uintptr_t number, const std::string& value = "payload") const {
    OutboundRecord record;
    record.topic = topic;
    record.key = "k";
    record.value = value;
    record.event = numbered(number);
    const Header header{"h", "1"};
    record.headers = {&header, 1};
    return writer->send(record);
  }
  bool reported(std::size_t count) {
    return eventually([&] { return reports.size() >= count; });
  }
  [[nodiscard]] SingleWriterStatus status() const { return writer->status().at(0); }
  void fail_next(std::int16_t request, rd_kafka_resp_err_t code, std::size_t times = 1) {
    const std::vector<rd_kafka_resp_err_t> codes(times, code);
    rd_kafka_mock_push_request_errors_array(cluster.get(), request, codes.size(), codes.data());
  }

  MockCluster cluster;
  SilentLog log;
  ReportCollector reports;
  std::unique_ptr<SingleWriter> writer;
  TopicId topic{};
};

void check_order(const std::vector<Report>& reports, std::size_t count) {
  REQUIRE(reports.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(reports[i].number == i + 1);
    CHECK(reports[i].delivered);
  }
}

}  // namespace

TEST_CASE("no client is made before a topic is opened; records are reported in order once they are committed") {
  Rig rig;
  const int before = settled_threads();
  REQUIRE(rig.writer->start(rig.reports).ok());
  CHECK(rd_kafka_thread_cnt() == before);
  rig.topic = rig.writer->open_topic(topic_name).value();
  CHECK(rig.writer->open_topic(topic_name).value() == rig.topic);
  for (std::uintptr_t number = 1; number <= 500; ++number) REQUIRE(rig.send(number) == SendStatus::accepted);
  REQUIRE(rig.reported(500));
  check_order(rig.reports.all(), 500);
  CHECK(rig.reports.all().front().offset >= 0);
  CHECK(eventually([&] { return rig.status().waiting == 0; }));
  CHECK(rig.status().state == "writing");
  CHECK(rig.status().committed >= 1);
  CHECK(rig.status().delivered == 500);
  CHECK(rig.writer->stop(in(5s)));
  CHECK(rd_kafka_thread_cnt() == before);
}

TEST_CASE("an aborted transaction is tried again, in order, and nothing is reported twice") {
  Rig rig;
  rig.open();
  rig.fail_next(add_offsets, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 2);
  for (std::uintptr_t number = 1; number <= 50; ++number) REQUIRE(rig.send(number) == SendStatus::accepted);
  REQUIRE(rig.reported(50));
  check_order(rig.reports.all(), 50);
  CHECK(rig.status().aborted >= 1);
}

TEST_CASE(
    "another writer: what waits fails for good, what comes is refused with that reason, a new start takes it back") {
  Rig rig;
  rig.open();
  REQUIRE(rig.send(1) == SendStatus::accepted);
  REQUIRE(rig.reported(1));
  rig.fail_next(add_partitions, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  rig.fail_next(produce, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
  rig.fail_next(end_transaction, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  for (std::uintptr_t number = 2; number <= 4; ++number) REQUIRE(rig.send(number) == SendStatus::accepted);
  REQUIRE(rig.reported(4));
  for (std::size_t i = 1; i < 4; ++i) {
    const Report report = rig.reports.all()[i];
    CHECK_FALSE(report.delivered);
    CHECK(report.failure == Failure::permanent);
    CHECK(report.reason.find("another writer has taken over topic orders") == 0);
    CHECK(report.value == "payload");
    CHECK(report.headers.size() == 1);
  }
  CHECK(rig.status().state == "fenced");
  CHECK(rig.send(5) == SendStatus::refused);
  OutboundRecord record;
  record.topic = rig.topic;
  CHECK(rig.writer->explain(SendStatus::refused, record).find("another writer") == 0);
  CHECK(rig.writer->stop(in(5s)));
  CHECK(rig.status().state == "stopped");
  rd_kafka_mock_clear_request_errors(rig.cluster.get(), produce);
  rd_kafka_mock_clear_request_errors(rig.cluster.get(), end_transaction);
  rig.open();
  REQUIRE(rig.send(6) == SendStatus::accepted);
  REQUIRE(rig.reported(5));
  CHECK(rig.reports.all().back().delivered);
  CHECK(rig.status().state == "writing");
}

TEST_CASE("a record that the broker will never take fails alone") {
  Rig rig;
  rig.open();
  REQUIRE(rig.send(1) == SendStatus::accepted);
  REQUIRE(rig.reported(1));
  rig.fail_next(produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  REQUIRE(rig.send(2) == SendStatus::accepted);
  REQUIRE(rig.reported(2));
  CHECK_FALSE(rig.reports.all().back().delivered);
  CHECK(rig.reports.all().back().failure == Failure::permanent);
  REQUIRE(rig.send(3) == SendStatus::accepted);
  REQUIRE(rig.reported(3));
  CHECK(rig.reports.all().back().delivered);
}

TEST_CASE("a batch that is refused for one record is taken apart") {
  Rig rig;
  rig.open();
  REQUIRE(rig.send(1) == SendStatus::accepted);
  REQUIRE(rig.reported(1));
  rig.fail_next(produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  for (std::uintptr_t number = 2; number <= 101; ++number) REQUIRE(rig.send(number) == SendStatus::accepted);
  REQUIRE(rig.reported(101));
  std::size_t failed = 0;
  for (const Report& report : rig.reports.all()) failed += report.delivered ? 0U : 1U;
  CHECK(failed <= 1);  // one if it was alone in its transaction
}

TEST_CASE("bounds: size of a record, records that wait, topics") {
  Rig rig("5");
  rig.cluster.down();
  rig.open();
  CHECK(rig.send(1, std::string(1000, 'x')) == SendStatus::too_large);
  for (std::uintptr_t number = 1; number <= 5; ++number) CHECK(rig.send(number) == SendStatus::accepted);
  CHECK(rig.send(6) == SendStatus::full);
  OutboundRecord record;
  record.topic = rig.topic;
  CHECK(rig.writer->explain(SendStatus::full, record).find("5 records wait") == 0);
  CHECK(rig.status().waiting == 5);
  for (std::size_t i = 1; i < SingleWriter::max_topics; ++i) {
    CHECK(rig.writer->open_topic("topic-" + std::to_string(i)).ok());
  }
  CHECK(rig.writer->open_topic("one-more").error().code == ErrorCode::busy);
  CHECK_FALSE(rig.writer->stop(in(200ms)));
  REQUIRE(rig.reports.size() == 5);
  CHECK(rig.reports.all().front().failure == Failure::transient);
  CHECK(rig.send(7) == SendStatus::refused);
  CHECK(rig.writer->open_topic(topic_name).error().code == ErrorCode::state);
}

TEST_CASE("stop commits what there is") {
  Rig rig;
  rig.open();
  for (std::uintptr_t number = 1; number <= 200; ++number) REQUIRE(rig.send(number) == SendStatus::accepted);
  CHECK(rig.writer->stop(in(10s)));
  check_order(rig.reports.all(), 200);
}
