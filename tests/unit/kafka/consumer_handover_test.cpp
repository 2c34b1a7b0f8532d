// One consumer goes on where another one ended, as between two versions of the module, against librdkafka's mock cluster.
#include <doctest/doctest.h>

#include "consumer_fakes.h"
#include "kafka/topic_census.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

class Shelf final : public Deposits {
 public:
  Result<void> deposit(std::string_view, std::string_view name, void* thing, void (*)(void*)) override {
    if (refuses) return Error(ErrorCode::state, "nobody takes over");
    things.emplace(name, thing);
    return {};
  }
  void* withdraw(std::string_view, std::string_view name) noexcept override {
    const auto found = things.find(std::string(name));
    if (found == things.end()) return nullptr;
    void* thing = found->second;
    things.erase(found);
    return thing;
  }
  std::map<std::string, void*> things;
  bool refuses = false;
};

/// Two versions of a module with the same settings and one list of what was taken.
struct Two {
  explicit Two(const config::WorkerSettings& settings) : first(settings) {
    auto made = Consumer::create(settings, first.log);
    REQUIRE(made.ok());
    second = std::move(made).value();
  }
  SuspendRequest request(bool same) const {
    SuspendRequest request{in(5s), {}};
    if (same) request.other.push_back(second->key());
    return request;
  }
  WorkerHandover hand_over(bool same) {
    REQUIRE(first.consumer->quiesce(in(5s)).ok());
    auto handed = first.consumer->suspend(request(same), shelf);
    REQUIRE(handed.ok());
    CHECK(handed.value().consumer_deposited == same);
    REQUIRE(second->start(first.taker, &handed.value(), &shelf).ok());
    CHECK(shelf.things.empty());
    second->resume();
    return handed.value();
  }
  Rig first;
  std::unique_ptr<Consumer> second;
  Shelf shelf;
};

CounterHandover counter(const WorkerHandover& from, std::string_view name) {
  const auto found = std::ranges::find(from.counters, name, &CounterHandover::name);
  return found == from.counters.end() ? CounterHandover{} : *found;
}

}  // namespace

TEST_CASE("a client changes hands with its partitions: nothing is lost, nothing comes twice") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  Two two(worker(cluster, {"in"}, {0}));
  writer.write("in", 0, 0, 50);
  REQUIRE(eventually([&] { return two.first.taker.size() == 50; }));
  const WorkerHandover from = two.hand_over(true);
  CHECK(from.assigned);
  REQUIRE(from.partitions.size() == 1);
  CHECK(from.partitions[0].next_offset == 50);
  CHECK(from.partitions[0].position == 50);
  CHECK(counter(from, "consumer.records").value == 50);
  CHECK(two.first.consumer->state() == ConsumerState::stopped);
  writer.write("in", 0, 50, 50);
  REQUIRE(eventually([&] { return two.first.taker.size() >= 100; }));
  CHECK(two.second->connected());
  CHECK(two.second->status().records == 100);
  CHECK(two.second->stop(in(5s)));
  check_in_order(two.first.taker.all(), 100);
}

TEST_CASE("and back again, which is how a swap is undone") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  Two two(worker(cluster, {"in"}, {0}));
  writer.write("in", 0, 0, 10);
  REQUIRE(eventually([&] { return two.first.taker.size() == 10; }));
  two.hand_over(true);
  REQUIRE(two.second->quiesce(in(5s)).ok());
  auto back = two.second->suspend({in(5s), {two.first.consumer->key()}}, two.shelf);
  REQUIRE(back.ok());
  REQUIRE(two.first.consumer->start(two.first.taker, &back.value(), &two.shelf).ok());
  two.first.consumer->resume();
  writer.write("in", 0, 10, 10);
  REQUIRE(eventually([&] { return two.first.taker.size() >= 20; }));
  CHECK(two.first.consumer->status().records == 20);
  CHECK(two.first.consumer->stop(in(5s)));
  check_in_order(two.first.taker.all(), 20);
}

TEST_CASE("with another key the client ends, and the next one begins at what was committed") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  Two two(worker(cluster, {"in"}, {0}));
  writer.write("in", 0, 0, 30);
  REQUIRE(eventually([&] { return two.first.taker.size() == 30; }));
  REQUIRE(two.second->prepare().ok());
  two.hand_over(false);
  writer.write("in", 0, 30, 30);
  REQUIRE(eventually([&] { return two.first.taker.size() >= 60; }));
  CHECK(two.second->stop(in(5s)));
  check_in_order(two.first.taker.all(), 60);
}

TEST_CASE("quiesced it takes nothing, and after resume() it goes on without a gap") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  Rig rig(worker(cluster, {"in"}, {0}));
  writer.write("in", 0, 0, 10);
  REQUIRE(eventually([&] { return rig.taker.size() == 10; }));
  REQUIRE(rig.consumer->quiesce(in(5s)).ok());
  writer.write("in", 0, 10, 10);
  std::this_thread::sleep_for(100ms);  // it would have come by now
  CHECK(rig.taker.size() == 10);
  rig.consumer->resume();
  REQUIRE(eventually([&] { return rig.taker.size() >= 20; }));
  check_in_order(rig.taker.all(), 20);
}

TEST_CASE("a handler that does not end in time is told, and the consumer goes on as before") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  Rig rig(worker(cluster, {"in"}, {0}));
  writer.write("in", 0, 0, 1);
  REQUIRE(eventually([&] { return rig.taker.size() == 1; }));
  rig.taker.running = 3;
  const auto quiesced = rig.consumer->quiesce(in(50ms));
  REQUIRE_FALSE(quiesced.ok());
  CHECK(quiesced.error().code == ErrorCode::timeout);
  CHECK(quiesced.error().message ==
        "worker inbound did not come to rest in time: 3 of its records are still with their handlers");
  writer.write("in", 0, 1, 1);
  REQUIRE(eventually([&] { return rig.taker.size() == 2; }));
}

TEST_CASE("a deposit that is refused changes nothing: it is quiesced, and can go on") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  Two two(worker(cluster, {"in"}, {0}));
  writer.write("in", 0, 0, 5);
  REQUIRE(eventually([&] { return two.first.taker.size() == 5; }));
  two.shelf.refuses = true;
  CHECK_FALSE(two.first.consumer->suspend(two.request(true), two.shelf).ok());  // not quiesced
  REQUIRE(two.first.consumer->quiesce(in(5s)).ok());
  CHECK_FALSE(two.first.consumer->suspend(two.request(true), two.shelf).ok());
  two.first.consumer->resume();
  writer.write("in", 0, 5, 5);
  REQUIRE(eventually([&] { return two.first.taker.size() >= 10; }));
  check_in_order(two.first.taker.all(), 10);
}

TEST_CASE("what an operator paused stays paused, and a partition that rests stays at rest") {
  MockCluster cluster;
  cluster.create_topic("in", 2);
  Writer writer(cluster);
  Two two(worker(cluster, {"in"}, {0, 1}));
  writer.write("in", 0, 0, 5);
  REQUIRE(eventually([&] { return two.first.taker.size() == 5; }));
  std::atomic<bool> paused{false};
  REQUIRE(two.first.consumer
              ->command({.action = ConsumerAction::pause, .partition = TopicPartition{"in", 1}, .target = {}}, in(5s),
                        [&](const auto& answer) { paused = answer.ok(); })
              .ok());
  REQUIRE(eventually([&] { return paused.load(); }));
  two.first.taker.rest({{"in", 0}});
  REQUIRE(eventually([&] { return two.first.consumer->status().assignment[0].paused; }));
  writer.write("in", 0, 5, 5);
  writer.write("in", 1, 0, 5);
  two.hand_over(true);
  REQUIRE(eventually([&] { return two.second->status().assignment.size() == 2; }));
  CHECK(two.second->status().assignment[1].held);
  CHECK(two.second->status().assignment[1].paused);
  CHECK(two.second->status().assignment[0].paused);
  CHECK(two.first.taker.size() == 5);
  two.first.taker.rest({});
  REQUIRE(eventually([&] { return two.first.taker.size() == 10; }));
  check_in_order(two.first.taker.all(), 10);
}

TEST_CASE("a consumer that has not found its broker changes hands as well") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer(cluster).write("in", 0, 0, 5);
  cluster.down();
  Two two(worker(cluster, {"in"}, {0}));
  const WorkerHandover from = two.hand_over(true);
  CHECK_FALSE(from.assigned);
  CHECK_FALSE(from.census_taken);
  cluster.up();
  REQUIRE(eventually([&] { return two.first.taker.size() == 5; }));
}

TEST_CASE("a worker that gave up is quiet at once, and the other version's begins anew") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  auto settings = worker(cluster, {"in"}, {0});
  replace(settings, "auto.offset.reset", "error");
  Two two(settings);
  REQUIRE(eventually([&] { return two.first.consumer->state() == ConsumerState::failed; }));
  REQUIRE(two.first.consumer->quiesce(in(1s)).ok());
  const auto handed = two.first.consumer->suspend(two.request(true), two.shelf);
  REQUIRE(handed.ok());
  CHECK_FALSE(handed.value().consumer_deposited);
  REQUIRE(two.second->start(two.first.taker, &handed.value(), &two.shelf).ok());
  two.second->resume();
  REQUIRE(eventually([&] { return two.second->state() == ConsumerState::failed; }));
}

TEST_CASE("a key tells settings apart that make another client") {
  MockCluster cluster;
  SilentLog log;
  const auto settings = worker(cluster, {"in"}, {0});
  auto topics = settings;
  topics.topics = {"other"};
  auto session = settings;
  replace(session, "session.timeout.ms", "7000");
  const auto key = [&](const config::WorkerSettings& of) { return Consumer::create(of, log).value()->key(); };
  CHECK(key(settings).name == "worker.inbound");
  CHECK(key(settings) == key(settings));
  CHECK_FALSE(key(settings) == key(topics));
  CHECK_FALSE(key(settings) == key(session));
}

TEST_CASE("a census goes on: topics that it did not know are new") {
  TopicCensus census;
  census.take_over(std::vector<std::string>{"orders:3", "no number"});
  CHECK(census.taken());
  CHECK_FALSE(census.is_new("orders", 2));
  CHECK(census.is_new("orders", 3));
  CHECK_FALSE(census.is_new("no number", 17));
  CHECK(census.is_new("other", 0));
  TopicCensus next;
  next.take_over(census.known());
  CHECK(next.known() == census.known());
}
