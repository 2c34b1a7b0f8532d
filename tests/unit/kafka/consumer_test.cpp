// The consumer against librdkafka's mock cluster: fixed partitions mostly, because its groups take 3 s to form.
#include "kafka/consumer.h"

#include <doctest/doctest.h>
#include <set>

#include "consumer_fakes.h"

using namespace kafka_events;
using namespace std::chrono_literals;

TEST_CASE("records arrive with key, value and headers, in order, and are committed") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  writer.write("in", 0, 0, 100);
  Rig rig(worker(cluster, {"in"}, {0}));
  REQUIRE(eventually([&] { return rig.taker.size() == 100; }));
  const auto taken = rig.taker.all();
  check_in_order(taken, 100);
  CHECK(taken[7].key == "wallet");
  CHECK(taken[7].value == "value 7");
  CHECK(taken[7].headers.empty());
  REQUIRE(taken[8].headers.size() == 2);
  CHECK(taken[8].headers[0] == std::pair<std::string, std::string>("agent-topic", "in"));
  CHECK(taken[8].headers[1].second == std::string("\0\1", 2));
  CHECK(rig.consumer->state() == ConsumerState::running);
  REQUIRE(eventually([&] { return rig.consumer->connected(); }));
  REQUIRE(eventually([&] {
    const auto status = rig.consumer->status();
    return status.assignment.size() == 1 && status.assignment[0].watermark == 100 && status.assignment[0].lag == 0;
  }));
  CHECK(rig.consumer->stop(in(5s)));
  CHECK(rig.consumer->state() == ConsumerState::stopped);
}

TEST_CASE("after stop and start it goes on where it was, without duplicates and without a gap") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  writer.write("in", 0, 0, 50);
  Rig rig(worker(cluster, {"in"}, {0}));
  REQUIRE(eventually([&] { return rig.taker.size() == 50; }));
  REQUIRE(rig.consumer->stop(in(5s)));
  writer.write("in", 0, 50, 50);
  const auto begin = std::chrono::steady_clock::now();
  rig.start();
  REQUIRE(eventually([&] { return rig.taker.size() >= 100; }));
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  REQUIRE(rig.consumer->stop(in(5s)));
  check_in_order(rig.taker.all(), 100);
}

TEST_CASE("without auto commit, offsets are committed as soon as records are done") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer writer(cluster);
  writer.write("in", 0, 0, 10);
  auto settings = worker(cluster, {"in"}, {0});
  settings.auto_commit = false;
  replace(settings, "enable.auto.commit", "false");
  Rig rig(settings);
  REQUIRE(eventually([&] {
    const auto status = rig.consumer->status();
    return status.assignment.size() == 1 && status.assignment[0].committed == 10;
  }));
}

TEST_CASE("a broker that is away at the start is no error, and is found when it comes") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer(cluster).write("in", 0, 0, 5);
  cluster.down();
  Rig rig(worker(cluster, {"in"}, {0}));
  REQUIRE(eventually([&] { return !rig.consumer->status().last_errors.empty(); }));
  CHECK(rig.consumer->state() == ConsumerState::connecting);
  CHECK_FALSE(rig.consumer->connected());
  cluster.up();
  REQUIRE(eventually([&] { return rig.taker.size() == 5; }));
}

TEST_CASE("a consumer that never saw a broker stops quickly") {
  MockCluster cluster;
  cluster.down();
  Rig rig(worker(cluster, {"in"}, {}));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(rig.consumer->stop(in(1s)));
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE("under pressure it rests, keeps its partitions, and goes on without a gap or a duplicate") {
  MockCluster cluster;
  cluster.create_topic("in", 2);
  Writer writer(cluster);
  Rig rig(worker(cluster, {"in"}, {0, 1}));
  writer.write("in", 0, 0, 10);
  REQUIRE(eventually([&] { return rig.taker.size() == 10; }));
  rig.taker.pause = true;
  REQUIRE(eventually([&] { return rig.consumer->status().paused; }));
  writer.write("in", 0, 10, 10);
  writer.write("in", 1, 0, 10);
  REQUIRE(eventually([&] { return rig.consumer->status().since_turn < 100ms; }));
  CHECK(rig.taker.size() == 10);
  rig.taker.pause = false;
  REQUIRE(eventually([&] { return rig.taker.size() >= 30; }));
  std::set<std::pair<std::int32_t, std::int64_t>> places;
  for (const Taken& taken : rig.taker.all()) places.insert({taken.partition, taken.offset});
  CHECK(places.size() == 30);
  CHECK(rig.taker.size() == 30);
}

TEST_CASE("one partition rests while the others flow") {
  MockCluster cluster;
  cluster.create_topic("in", 2);
  Writer writer(cluster);
  Rig rig(worker(cluster, {"in"}, {0, 1}));
  rig.taker.rest({{"in", 0}});
  REQUIRE(eventually([&] {
    const auto status = rig.consumer->status();
    return status.assignment.size() == 2 && status.assignment[0].paused && !status.assignment[1].paused;
  }));
  writer.write("in", 0, 0, 5);
  writer.write("in", 1, 0, 5);
  REQUIRE(eventually([&] { return rig.taker.size() == 5; }));
  for (const Taken& taken : rig.taker.all()) CHECK(taken.partition == 1);
  rig.taker.rest({});
  REQUIRE(eventually([&] { return rig.taker.size() == 10; }));
}

TEST_CASE("a topic that appears after the first start is read from its beginning, whatever the reset policy says") {
  MockCluster cluster;
  cluster.create_topic("acapy-inbound-old", 1);
  Writer writer(cluster);
  writer.write("acapy-inbound-old", 0, 0, 3);
  auto settings = worker(cluster, {"^acapy-inbound-.*$"}, {});
  replace(settings, "auto.offset.reset", "latest");
  Rig rig(settings);
  REQUIRE(eventually([&] { return rig.consumer->state() == ConsumerState::running; }, 20s));
  cluster.create_topic("acapy-inbound-new", 1);
  writer.write("acapy-inbound-new", 0, 0, 3);
  REQUIRE(eventually([&] { return rig.taker.size() >= 3; }, 30s));
  for (const Taken& taken : rig.taker.all()) CHECK(taken.topic == "acapy-inbound-new");
  CHECK(rig.consumer->stop(in(5s)));
}

TEST_CASE("auto_offset_reset none and no committed offset: the worker fails, visibly") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  auto settings = worker(cluster, {"in"}, {0});
  replace(settings, "auto.offset.reset", "error");
  Rig rig(settings);
  REQUIRE(eventually([&] { return rig.consumer->state() == ConsumerState::failed; }));
  CHECK(rig.consumer->status().reason.find("auto_offset_reset is none") != std::string::npos);
  CHECK(rig.consumer->stop(in(5s)));
}

TEST_CASE("a record that is never released does not hang the stop, and ends the client when it is") {
  MockCluster cluster;
  cluster.create_topic("in", 1);
  Writer(cluster).write("in", 0, 0, 3);
  Rig rig(worker(cluster, {"in"}, {0}), true);
  REQUIRE(eventually([&] { return rig.taker.size() >= 3; }));
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(rig.consumer->stop(in(500ms)));
  CHECK_FALSE(rig.consumer->thread_stuck());
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
  rig.taker.let_go();
}

TEST_CASE("a stop between joining the group and the first assignment does not abort the process") {
  // librdkafka issue 4312: the answer to SyncGroup sends the member back to where it has joined and has no assignment.
  MockCluster cluster;
  cluster.create_topic("in", 1);
  const std::vector<rd_kafka_resp_err_t> errors(1000, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  rd_kafka_mock_push_request_errors_array(cluster.get(), 14, errors.size(), errors.data());
  Rig rig(worker(cluster, {"in"}, {}));
  REQUIRE(eventually([&] { return !rig.consumer->status().member_id.empty(); }));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(eventually([&] { return std::chrono::steady_clock::now() - begin > 4s; }));  // its group has formed by now
  CHECK_FALSE(rig.consumer->stop(in(1s)));
  CHECK_FALSE(rig.consumer->thread_stuck());
  CHECK(std::chrono::steady_clock::now() - begin < 15s);
}

TEST_CASE("a worker without topics and a wrong property are refused at creation") {
  SilentLog log;
  config::WorkerSettings settings;
  settings.name = "audit";
  CHECK_FALSE(Consumer::create(settings, log).ok());
  settings.topics = {"audit"};
  settings.properties = {property("session.timeout", "1")};
  const auto made = Consumer::create(settings, log);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().message.find("worker audit") == 0);
}
