// From one version of the module to the next: who waits, where reading goes on, what was counted.
#include <chrono>
#include <doctest/doctest.h>

#include "reply_fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::reply_test;
using namespace std::chrono_literals;

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

WorkerHandover hand_over(Fixture& from) {
  from.reader.quiesce(true);
  WorkerHandover worker;
  worker.worker = "replies";
  worker.partitions.resize(2);
  for (std::size_t i = 0; i < both.size(); ++i) worker.partitions[i].partition = both[i];
  from.reader.hand_over(worker);
  return worker;
}

void take_over(Fixture& to, const WorkerHandover& worker) {
  to.reader.take_over_counters(worker);
  to.reader.on_assigned(both);
  to.reader.take_over(worker.partitions);
}

}  // namespace

TEST_CASE("a request that waits is answered by the next version, and its deadline stays") {
  Fixture before;
  before.assign();
  REQUIRE(before.ask("1", 1h).ok());
  REQUIRE(before.ask("2", 10min).ok());
  REQUIRE(before.ask("late", 1ms).ok());
  before.reader.on_turn(in(5ms));
  const auto requests = before.pending.hand_over();
  REQUIRE(requests.size() == 3);
  before.bus.told.clear();
  before.pending.give_up("what was handed over is not this version's to give up");
  CHECK(before.bus.told.empty());

  Fixture after;
  after.pending.take_over(requests);
  after.assign();
  CHECK(after.pending.status().pending == 2);
  after.reader.on_record(after.records.answer(0, "1"));
  after.reader.on_record(after.records.answer(1, "late"));
  REQUIRE(after.bus.told.size() == 2);
  CHECK(after.bus.told[0].topic == "a::question::reply");
  CHECK(after.bus.told[0].tenant == "wallet");
  CHECK(after.bus.told[0].key == "key");
  CHECK(after.bus.told[0].header("agent-cause") == "event-1");
  CHECK(after.bus.told[1].topic == "a::question::late_reply");
  after.reader.on_turn(in(9min));
  CHECK(after.bus.told.size() == 2);
  after.reader.on_turn(in(11min));
  CHECK(after.bus.told.size() == 3);
}

TEST_CASE("a deadline that passed in between is looked at by the next version") {
  Fixture before;
  before.assign();
  REQUIRE(before.ask("1", 1ms).ok());
  before.reader.quiesce(true);
  before.reader.on_turn(in(10ms));
  CHECK(before.bus.told.empty());
  auto requests = before.pending.hand_over();
  REQUIRE(requests.size() == 1);
  requests[0].due_in_ms = -50;
  Fixture after;
  after.pending.take_over(requests);
  after.reader.on_turn(in(0ms));
  REQUIRE(after.bus.told.size() == 1);
  CHECK(after.bus.told[0].topic == "a::question::reply_timeout");
}

TEST_CASE("taking over replaces nothing that waits already, and nothing is refused for being too much") {
  Fixture after(1);
  after.assign();
  REQUIRE(after.ask("1", 1h).ok());
  RequestHandover same;
  same.correlation_id = "1";
  same.topic = "another";
  same.due_in_ms = 10;
  RequestHandover other = same;
  other.correlation_id.assign(1, '2');
  after.pending.take_over({same, other});
  CHECK(after.pending.status().pending == 2);
  after.reader.on_record(after.records.answer(0, "1"));
  CHECK(after.bus.told[0].topic == "a::question::reply");
}

TEST_CASE("requests are taken at once if the version before could read answers") {
  Fixture before;
  Fixture after;
  after.reader.take_over_counters(hand_over(before));
  CHECK_FALSE(after.ask("1").ok());
  before.assign();
  after.reader.take_over_counters(hand_over(before));
  CHECK(after.ask("1").ok());
}

TEST_CASE("what was done is not looked at again, what the bus did not take is") {
  Fixture before;
  before.assign();
  REQUIRE(before.ask("1").ok());
  before.reader.on_record(before.records.answer(0, "nobody"));
  before.bus.answer = [](const Told&) { return Result<void>(Error(ErrorCode::state, "no")); };
  before.reader.on_record(before.records.answer(1, "1"));
  const WorkerHandover worker = hand_over(before);
  CHECK(worker.partitions[0].next_offset == 1);
  CHECK(worker.partitions[1].next_offset == -1);
  const auto requests = before.pending.hand_over();
  before.reader.on_lost(both);
  before.reader.attach(nullptr);
  CHECK(before.records.released == 2);

  Fixture after;
  after.pending.take_over(requests);
  take_over(after, worker);
  after.reader.on_record(after.records.answer(0, "1"));
  CHECK(after.bus.told.empty());
  after.reader.on_record(after.records.answer(1, "1"));
  CHECK(after.bus.told.size() == 1);
  CHECK(after.watermark() == 2);
}

TEST_CASE("counters go on") {
  Fixture before;
  before.assign();
  REQUIRE(before.ask("1").ok());
  REQUIRE(before.ask("2", 1ms).ok());
  before.reader.on_turn(in(5ms));
  before.reader.on_record(before.records.answer(0, "1"));
  before.reader.on_record(before.records.answer(1, "1"));
  before.reader.on_record(before.records.answer(2, "2"));
  Fixture after;
  (void)after.ask("too early");
  after.pending.seed(before.pending.counters());
  const RequestStatus status = after.pending.status();
  CHECK(status.sent == 2);
  CHECK(status.answered == 1);
  CHECK(status.timed_out == 1);
  CHECK(status.late == 1);
  CHECK(status.unknown == 1);
  CHECK(status.refused == 0);
}
