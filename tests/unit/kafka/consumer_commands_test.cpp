// Pause, resume and seek: the queue of commands alone, then on a consumer of librdkafka's mock cluster.
#include "kafka/consumer_commands.h"

#include <doctest/doctest.h>
#include <future>
#include <map>
#include <set>

#include "fakes.h"
#include "kafka/consumer_watchdog.h"
#include "kafka/producer.h"
#include "mock_cluster.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

using Partitions = std::vector<PartitionStatus>;

const TopicPartition zero{"t", 0};
const TopicPartition one{"t", 1};

/// Is done with every record at once; `block` makes it stay inside on_record().
class Taker final : public RecordHandler {
 public:
  void on_assigned(std::span<const TopicPartition>) override {}
  std::vector<Watermark> on_revoked(std::span<const TopicPartition>, std::chrono::steady_clock::time_point) override {
    return {};
  }
  void on_lost(std::span<const TopicPartition> partitions) override {
    const std::lock_guard lock(mutex_);
    for (const TopicPartition& each : partitions) marks_.erase(each);
  }
  void on_record(const InboundRecord& record) override {
    {
      const std::lock_guard lock(mutex_);
      taken_.emplace_back(record.partition, record.offset);
      marks_[{std::string(record.topic), record.partition}] = record.offset + 1;
    }
    record.release(record.owner);
    while (block) std::this_thread::sleep_for(1ms);
  }
  std::vector<Watermark> watermarks() override {
    const std::lock_guard lock(mutex_);
    std::vector<Watermark> moved;
    for (const auto& [partition, next] : marks_) moved.push_back({partition, next});
    marks_.clear();
    return moved;
  }
  void on_turn(std::chrono::steady_clock::time_point) override {}
  [[nodiscard]] bool wants_pause() const noexcept override { return false; }
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override { return {}; }
  [[nodiscard]] std::uint64_t in_flight() const noexcept override { return 0; }
  [[nodiscard]] AtHand at_hand() const override { return {"event::topic", "t:0:0"}; }

  [[nodiscard]] std::vector<std::int64_t> offsets(std::int32_t partition) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::int64_t> offsets;
    for (const auto& [where, offset] : taken_) {
      if (where == partition) offsets.push_back(offset);
    }
    return offsets;
  }
  std::atomic<bool> block{false};

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::int32_t, std::int64_t>> taken_;
  std::map<TopicPartition, std::int64_t> marks_;
};

struct Fixture {
  Fixture() {
    cluster.create_topic("t", 2);
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", cluster.bootstrap())};
    producer = std::move(Producer::create(settings, log)).value();
    REQUIRE(producer->start(reports).ok());
    start();
  }
  ~Fixture() {
    taker.block = false;
    watchdog.stop();
    if (consumer) consumer->stop(in(5s));
    producer->stop(in(2s));
  }
  void start() {
    config::WorkerSettings settings;
    settings.name = "inbound";
    settings.group = "g";
    settings.topics = {"t"};
    settings.partitions = {0, 1};
    settings.properties = {property("bootstrap.servers", cluster.bootstrap()), property("group.id", "g"),
                           property("auto.offset.reset", "earliest"),          property("enable.auto.commit", "true"),
                           property("auto.commit.interval.ms", "50"),          property("fetch.wait.max.ms", "20")};
    consumer = std::move(Consumer::create(settings, log)).value();
    REQUIRE(consumer->start(taker).ok());
    REQUIRE(eventually([&] { return consumer->state() == ConsumerState::running; }));
  }
  void write(std::int32_t partition, int count) {
    for (int i = 0; i < count; ++i) {
      OutboundRecord record;
      record.topic = producer->open_topic("t").value();
      record.partition = partition;
      record.value = "v";
      record.number = static_cast<std::uint64_t>(i);
      REQUIRE(producer->send(record) == SendStatus::accepted);
    }
    REQUIRE(producer->flush(in(10s)).failed == 0);
  }
  Result<Partitions> run(ConsumerCommand command, std::chrono::milliseconds limit = 10s) {
    auto answer = std::make_shared<std::promise<Result<Partitions>>>();
    auto taken = consumer->command(std::move(command), in(limit),
                                   [answer](const Result<Partitions>& result) { answer->set_value(result); });
    if (!taken) return taken.error();
    return answer->get_future().get();
  }
  Result<Partitions> seek(TopicPartition partition, SeekTarget target) {
    return run({ConsumerAction::seek, std::move(partition), target});
  }
  [[nodiscard]] bool has_taken(std::int32_t partition, std::size_t count) const {
    return eventually([&] { return taker.offsets(partition).size() >= count; });
  }
  [[nodiscard]] bool committed(std::int32_t partition, std::int64_t offset) const {
    return eventually([&] {
      for (const PartitionStatus& each : consumer->status().assignment) {
        if (each.partition == partition && each.committed == offset) return true;
      }
      return false;
    });
  }

  MockCluster cluster;
  SilentLog log;
  ReportCollector reports;
  Taker taker;
  std::unique_ptr<Producer> producer;
  std::unique_ptr<Consumer> consumer;
  ConsumerWatchdog watchdog;
};

}  // namespace

TEST_CASE("an operator's pause holds all, some, or all but some") {
  ConsumerCommands commands;
  const std::vector<TopicPartition> both{zero, one};
  const auto held = [&] {
    std::vector<TopicPartition> paused;
    commands.add_held(both, paused);
    return paused;
  };
  CHECK_FALSE(commands.holds_any());
  commands.hold(zero);
  commands.hold(zero);
  CHECK(held() == std::vector{zero});
  CHECK_FALSE(commands.holds_all());
  commands.hold(std::nullopt);
  CHECK(held() == both);
  commands.release(zero);
  CHECK(held() == std::vector{one});
  CHECK(commands.holds_all());  // what is assigned later is held
  commands.hold(zero);
  CHECK(held() == both);
  commands.release(std::nullopt);
  CHECK_FALSE(commands.holds_any());
}

TEST_CASE("every command is answered exactly once: done, too late, or refused") {
  ConsumerCommands commands;
  int answers = 0;
  ErrorCode code = ErrorCode::internal;
  const auto note = [&](const Result<Partitions>& result) {
    ++answers;
    if (!result) code = result.error().code;
  };
  CHECK(commands.submit({}, in(1s), note).error().code == ErrorCode::state);
  commands.open();
  REQUIRE(commands.submit({}, in(-1ms), note));
  REQUIRE(commands.submit({}, in(1s), note));
  CHECK(commands.take(std::chrono::steady_clock::now()).size() == 1);
  CHECK(answers == 1);
  CHECK(code == ErrorCode::timeout);
  for (std::size_t i = 0; i < ConsumerCommands::max_waiting; ++i) REQUIRE(commands.submit({}, in(1s), note));
  CHECK(commands.submit({}, in(1s), note).error().code == ErrorCode::busy);
  commands.close("it ends");
  CHECK(answers == 1 + static_cast<int>(ConsumerCommands::max_waiting));
  CHECK(code == ErrorCode::state);
}

TEST_CASE("pause and resume are idempotent, shown, and lose or repeat nothing") {
  Fixture f;
  f.write(0, 50);
  REQUIRE(f.has_taken(0, 50));
  for (int twice = 0; twice < 2; ++twice) {
    const auto paused = f.run({ConsumerAction::pause, zero, {}});
    REQUIRE(paused);
    REQUIRE(paused.value().size() == 1);
    CHECK(paused.value()[0].held);
    CHECK(paused.value()[0].paused);
  }
  f.write(0, 50);
  f.write(1, 50);
  REQUIRE(f.has_taken(1, 50));
  CHECK(f.taker.offsets(0).size() == 50);
  for (int twice = 0; twice < 2; ++twice) REQUIRE(f.run({ConsumerAction::resume, zero, {}}));
  REQUIRE(f.has_taken(0, 100));
  CHECK(f.committed(0, 100));
  const std::vector<std::int64_t> offsets = f.taker.offsets(0);
  CHECK(std::set(offsets.begin(), offsets.end()).size() == 100);
  CHECK(offsets.size() == 100);
}

TEST_CASE("a pause of all is kept when the consumer stops and starts") {
  Fixture f;
  REQUIRE(f.run({ConsumerAction::pause, std::nullopt, {}}));
  CHECK(f.consumer->status().held);
  REQUIRE(f.consumer->stop(in(5s)));
  CHECK(f.run({ConsumerAction::resume, std::nullopt, {}}).error().code == ErrorCode::state);
  REQUIRE(f.consumer->start(f.taker).ok());
  f.write(0, 10);
  REQUIRE(eventually([&] { return f.consumer->state() == ConsumerState::running; }));
  REQUIRE(eventually([&] {
    const auto status = f.consumer->status();
    return status.assignment.size() == 2 && status.assignment[0].paused && status.assignment[1].paused;
  }));
  const std::size_t before = f.taker.offsets(0).size();
  REQUIRE(f.run({ConsumerAction::resume, std::nullopt, {}}));
  REQUIRE(f.has_taken(0, 10));
  CHECK(before <= 10);
}

TEST_CASE("a seek back reads again from there, is committed, and stays so when the clock commits") {
  Fixture f;
  f.write(0, 100);
  REQUIRE(f.has_taken(0, 100));
  REQUIRE(f.committed(0, 100));
  const auto sought = f.seek(zero, {SeekPlace::offset, 40});
  REQUIRE_MESSAGE(sought, sought.error().message);
  CHECK(sought.value()[0].committed >= 40);
  REQUIRE(f.has_taken(0, 160));
  const std::vector<std::int64_t> offsets = f.taker.offsets(0);
  for (std::size_t i = 0; i < 60; ++i) REQUIRE(offsets[100 + i] == static_cast<std::int64_t>(40 + i));
  CHECK(f.committed(0, 100));
}

TEST_CASE("a seek while paused holds its place until it is resumed, also over a restart") {
  Fixture f;
  f.write(0, 100);
  REQUIRE(f.has_taken(0, 100));
  REQUIRE(f.run({ConsumerAction::pause, zero, {}}));
  const auto sought = f.seek(zero, {SeekPlace::offset, 30});
  REQUIRE_MESSAGE(sought, sought.error().message);
  CHECK(sought.value()[0].committed == 30);
  SUBCASE("resumed") { REQUIRE(f.run({ConsumerAction::resume, zero, {}})); }
  SUBCASE("restarted") {
    // The commit at the end must not bring the old position back.
    REQUIRE(f.consumer->stop(in(5s)));
    f.start();
  }
  REQUIRE(f.has_taken(0, 170));
  CHECK(f.taker.offsets(0)[100] == 30);
}

TEST_CASE("both ends, and offsets that are not there") {
  Fixture f;
  f.write(0, 20);
  f.write(1, 20);
  REQUIRE(f.has_taken(0, 20));
  REQUIRE(f.has_taken(1, 20));
  REQUIRE(f.run({ConsumerAction::seek, std::nullopt, {SeekPlace::beginning, 0}}));
  REQUIRE(f.has_taken(0, 40));
  REQUIRE(f.has_taken(1, 40));
  REQUIRE(f.seek(zero, {SeekPlace::end, 0}));
  f.write(0, 1);
  REQUIRE(f.has_taken(0, 41));
  CHECK(f.taker.offsets(0).back() == 20);
  CHECK(f.seek(zero, {SeekPlace::offset, 1000}).error().code == ErrorCode::invalid);
  CHECK(f.seek({"t", 7}, {SeekPlace::end, 0}).error().code == ErrorCode::state);
}

TEST_CASE("a thread inside a handler is noticed, and commands for it are answered at their deadline") {
  Fixture f;
  f.watchdog.start({f.consumer.get()});
  f.taker.block = true;
  f.write(0, 1);
  REQUIRE(eventually([&] { return f.consumer->status().in_handler >= 1s; }));
  CHECK(f.run({ConsumerAction::pause, zero, {}}, 300ms).error().code == ErrorCode::timeout);
  CHECK(eventually([&] {
    for (const std::string& line : f.log.lines()) {
      if (line.find("blocks the worker's thread") != std::string::npos) return true;
    }
    return false;
  }));
  f.taker.block = false;
  CHECK(eventually([&] { return f.consumer->status().in_handler == 0ms; }));
  CHECK(f.run({ConsumerAction::pause, zero, {}}));
}
