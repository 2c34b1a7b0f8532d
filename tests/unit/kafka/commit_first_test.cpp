// at_most_once: a record is handed over when the broker has acknowledged its offset, and not before.
#include <doctest/doctest.h>
#include <set>

#include "fakes.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

constexpr std::int16_t offset_commit = 8;  // ApiKey

class Taker final : public RecordHandler {
 public:
  void on_assigned(std::span<const TopicPartition>) override {}
  std::vector<Watermark> on_revoked(std::span<const TopicPartition>, std::chrono::steady_clock::time_point) override {
    return {};
  }
  void on_lost(std::span<const TopicPartition>) override {}
  void on_record(const InboundRecord& record) override {
    record.release(record.owner);
    const std::lock_guard lock(mutex_);
    offsets_.push_back(record.offset);
  }
  std::vector<Watermark> watermarks() override { return {}; }
  void on_turn(std::chrono::steady_clock::time_point) override {}
  [[nodiscard]] bool wants_pause() const noexcept override { return false; }
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override { return {}; }
  [[nodiscard]] std::uint64_t in_flight() const noexcept override { return 0; }
  [[nodiscard]] std::vector<std::int64_t> offsets() const {
    const std::lock_guard lock(mutex_);
    return offsets_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> offsets_;
};

config::WorkerSettings worker(const MockCluster& cluster) {
  config::WorkerSettings settings;
  settings.name = "inbound";
  settings.group = "kafka_events";
  settings.topics = {"in"};
  settings.partitions = {0};
  settings.qos = config::Qos::at_most_once;
  settings.properties = {property("bootstrap.servers", cluster.bootstrap()),
                         property("group.id", "kafka_events"),
                         property("auto.offset.reset", "earliest"),
                         property("enable.auto.commit", "true"),
                         property("fetch.wait.max.ms", "20"),
                         property("reconnect.backoff.max.ms", "100")};
  return settings;
}

void write(const MockCluster& cluster, int count) {
  SilentLog log;
  ReportCollector reports;
  config::ProducerSettings settings;
  settings.properties = {property("bootstrap.servers", cluster.bootstrap())};
  auto producer = Producer::create(settings, log);
  REQUIRE(producer.ok());
  REQUIRE(producer.value()->start(reports).ok());
  OutboundRecord record;
  record.topic = producer.value()->open_topic("in").value();
  record.partition = 0;
  record.value = "value";
  for (int number = 0; number < count; ++number) REQUIRE(producer.value()->send(record) == SendStatus::accepted);
  REQUIRE(producer.value()->flush(in(10s)).failed == 0);
}

/// The next `count` commits are answered with an error.
void refuse_commits(const MockCluster& cluster, std::size_t count) {
  const std::vector<rd_kafka_resp_err_t> errors(count, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
  rd_kafka_mock_push_request_errors_array(cluster.get(), offset_commit, count, errors.data());
}

struct Rig {
  SilentLog log;
  Taker taker;
  std::unique_ptr<Consumer> consumer;

  explicit Rig(const MockCluster& cluster) {
    auto made = Consumer::create(worker(cluster), log);
    REQUIRE(made.ok());
    consumer = std::move(made).value();
    REQUIRE(consumer->start(taker).ok());
  }
  [[nodiscard]] std::int64_t committed() const {
    const auto status = consumer->status();
    return status.assignment.empty() ? -1 : status.assignment[0].committed;
  }
};

void check_each_once(const std::vector<std::int64_t>& offsets, std::int64_t first, std::int64_t count) {
  REQUIRE(offsets.size() == static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) CHECK(offsets[static_cast<std::size_t>(i)] == first + i);
}

}  // namespace

TEST_CASE("records come in order, each once, and are committed") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  write(cluster, 5000);
  Rig rig(cluster);
  REQUIRE(eventually([&] { return rig.taker.offsets().size() == 5000 && rig.committed() == 5000; }));
  check_each_once(rig.taker.offsets(), 0, 5000);
  CHECK(rig.consumer->stop(in(5s)));
}

TEST_CASE("while commits fail nothing is handed over, then each record once") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  write(cluster, 100);
  refuse_commits(cluster, 20);
  Rig rig(cluster);
  REQUIRE(eventually([&] {
    const auto errors = rig.consumer->status().last_errors;
    return !errors.empty() && errors[0].times >= 5;
  }));
  CHECK(rig.taker.offsets().empty());
  REQUIRE(eventually([&] { return rig.taker.offsets().size() == 100; }));
  check_each_once(rig.taker.offsets(), 0, 100);
  CHECK(rig.consumer->stop(in(5s)));
}

TEST_CASE("what was not committed when the worker stopped is counted, and comes after the next start") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  write(cluster, 10);
  refuse_commits(cluster, 10000);
  Rig rig(cluster);
  REQUIRE(eventually([&] { return !rig.consumer->status().last_errors.empty(); }));
  CHECK(rig.consumer->stop(in(5s)));
  CHECK(rig.taker.offsets().empty());
  CHECK(rig.consumer->status().not_handed_over > 0);
  rd_kafka_mock_clear_request_errors(cluster.get(), offset_commit);
  REQUIRE(rig.consumer->start(rig.taker).ok());
  REQUIRE(eventually([&] { return rig.taker.offsets().size() == 10; }));
  check_each_once(rig.taker.offsets(), 0, 10);
  CHECK(rig.consumer->stop(in(5s)));
}
