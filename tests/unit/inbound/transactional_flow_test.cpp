// exactly_once: records, what their handlers publish and the offsets become visible together, whatever fails.
#include <thread>

#include "transaction_fakes.h"

using namespace kafka_events;
using namespace std::chrono_literals;
using Answer = FakeBus::Answer;

namespace {

config::WorkerSettings settings_with(config::OnFailure on_failure, std::uint32_t attempts = 3) {
  config::WorkerSettings settings;
  settings.on_failure = on_failure;
  settings.retries.attempts = attempts;
  return settings;
}

/// A handler that publishes the payload again; `also` decides what it answers.
std::function<Answer(const Published&)> republish(
    TransactionRig& rig, std::function<Answer(const Published&)> also = [](const Published&) { return Answer::done; }) {
  return [&rig, also = std::move(also)](const Published& event) {
    if (event.topic.starts_with("kafka_events::")) return Answer::later;
    if (rig.publish("out of " + event.id, event.payload) != SendStatus::accepted) return Answer::failed;
    return also(event);
  };
}

std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

const std::vector<TopicPartition> both{{"in", 0}, {"in", 1}};

}  // namespace

TEST_CASE("records, their handlers' events and the offsets are committed together") {
  TransactionRig rig;
  rig.bus.answer = republish(rig);
  for (std::int64_t offset = 0; offset < 5; ++offset) rig.take(offset, 0, "a" + std::to_string(offset));
  rig.take(40, 1, "b40");
  rig.turn();  // prepares
  CHECK(rig.pipeline->watermarks().empty());
  REQUIRE(rig.turn_until([&] { return rig.offset() == 5; }));
  CHECK(rig.offset(1) == 41);
  CHECK(rig.sink.metadata == "generation 3");
  CHECK(rig.visible() == std::vector<std::string>{"a0", "a1", "a2", "a3", "a4", "b40"});
  CHECK(rig.sink.count("begin") == 1);
  CHECK(rig.pipeline->watermarks().size() == 2);
  CHECK(rig.pipeline->statistics().done == 6);
}

TEST_CASE("a handler's event is completed with the broker's answer, its status comes after the commit") {
  TransactionRig rig;
  rig.bus.answer = republish(rig, [](const Published&) { return Answer::later; });
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  rig.sink.report();
  rig.turn();
  CHECK(rig.status.reports.empty());
  CHECK(rig.sink.count("commit") == 0);  // the handler is not done
  rig.bus.complete_next(Outcome::done);
  rig.turn();
  REQUIRE(rig.status.reports.size() == 1);
  CHECK(rig.status.reports[0].event_id == "out of in:0:0");
  CHECK(rig.status.reports[0].payload == "x");
  CHECK(rig.status.reports[0].offset == 7);
}

TEST_CASE("a handler that fails takes its transaction with it; the record comes again alone, the others at once") {
  TransactionRig rig;
  int failures = 2;
  rig.bus.answer = republish(rig, [&](const Published& event) {
    return event.payload == "bad" && failures-- > 0 ? Answer::failed : Answer::done;
  });
  rig.take(0, 0, "first");
  rig.take(1, 0, "bad");
  rig.take(2, 0, "last");
  rig.take(0, 1, "other");
  REQUIRE(rig.turn_until([&] { return rig.offset() == 3 && rig.offset(1) == 1; }));
  std::vector<std::string> visible = rig.visible();
  std::ranges::sort(visible);
  CHECK(visible == std::vector<std::string>{"bad", "first", "last", "other"});
  CHECK(rig.sink.count("abort") == 2);
  CHECK(rig.status.reports.size() == 4);  // none of what was aborted
  CHECK(rig.pipeline->statistics().handler_failures == 2);
}

TEST_CASE("when its attempts are used up the dead letter is written within the transaction, and the offset moves") {
  TransactionRig rig(settings_with(config::OnFailure::dead_letter, 2));
  rig.bus.answer =
      republish(rig, [&](const Published& event) { return event.payload == "bad" ? Answer::failed : Answer::done; });
  rig.take(0, 0, "good");
  rig.take(1, 0, "bad");
  rig.take(2, 0, "good too");
  REQUIRE(rig.turn_until([&] {
    rig.sink.report();
    return rig.offset() == 3;
  }));
  REQUIRE(rig.sink.visible.size() == 3);
  CHECK(rig.sink.visible[1].topic == "dlq-in");
  CHECK(rig.sink.visible[1].value == "bad");
  CHECK(rig.pipeline->statistics().dead_lettered == 1);
  CHECK(rig.status.reports.size() == 2);  // dead letters have none
}

TEST_CASE("a record that cannot be decoded costs its neighbours nothing") {
  auto settings = settings_with(config::OnFailure::dead_letter);
  settings.codec = config::CodecKind::envelope;
  TransactionRig rig(settings);
  rig.bus.answer = [](const Published& event) {
    return event.topic.starts_with("kafka_events::") ? Answer::later : Answer::done;
  };
  rig.take(0, 0, R"({"topic": "t", "payload": {}})");
  rig.take(1, 0, "\xff not JSON");
  rig.take(2, 0, R"({"topic": "t", "payload": {}})");
  REQUIRE(rig.turn_until([&] {
    rig.sink.report();
    return rig.offset() == 3;
  }));
  CHECK(rig.sink.count("abort") == 0);
  CHECK(rig.sink.count("commit") == 1);
  REQUIRE(rig.sink.visible.size() == 1);
  CHECK(rig.sink.visible[0].topic == "dlq-in");
}

TEST_CASE("on_failure skip moves the offset, on_failure stop keeps it and lets the other partitions go on") {
  const auto answer = [](const Published& event) { return event.payload == "bad" ? Answer::failed : Answer::done; };
  {
    TransactionRig rig(settings_with(config::OnFailure::skip, 1));
    rig.bus.answer = answer;
    rig.take(0, 0, "bad");
    rig.take(1, 0, "good");
    REQUIRE(rig.turn_until([&] { return rig.offset() == 2; }));
    CHECK(rig.pipeline->statistics().skipped == 1);
  }
  TransactionRig rig(settings_with(config::OnFailure::stop, 1));
  rig.bus.answer = answer;
  rig.take(0, 0, "bad");
  rig.take(1, 0, "good");
  rig.take(0, 1, "good");
  REQUIRE(rig.turn_until([&] { return rig.offset(1) == 1; }));
  rig.turn();
  CHECK(rig.offset() == -1);
  REQUIRE(rig.pipeline->statistics().stopped.size() == 1);
  CHECK(rig.pipeline->paused_partitions() == std::vector<TopicPartition>{{"in", 0}});
}

TEST_CASE("an event from another thread joins by the id of its cause, until that is done") {
  TransactionRig rig;
  rig.bus.answer = [](const Published&) { return Answer::later; };
  rig.take(5, 0, "x");
  CHECK(rig.publish("early", "e", "in:0:5") == SendStatus::kept);  // nothing is open
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  SendStatus from_thread = SendStatus::refused;
  SendStatus stranger = SendStatus::refused;
  std::thread([&] {
    from_thread = rig.publish("o", "effect", "in:0:5");
    stranger = rig.publish("s", "no cause");
  }).join();
  CHECK(from_thread == SendStatus::accepted);
  CHECK(stranger == SendStatus::kept);
  CHECK(rig.publish("z", "other cause", "in:0:6") == SendStatus::kept);
  rig.bus.complete_next(Outcome::done);
  CHECK(rig.publish("l", "late", "in:0:5") == SendStatus::kept);
  REQUIRE(rig.turn_until([&] { return rig.offset() == 6; }));
  CHECK(rig.visible() == std::vector<std::string>{"effect"});
}

TEST_CASE("partitions are given back after the commit of what was in flight") {
  TransactionRig rig;
  rig.bus.answer = republish(rig, [](const Published&) { return Answer::later; });
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  std::thread handler([&] {
    std::this_thread::yield();
    rig.bus.complete_next(Outcome::done);
  });
  const auto marks = rig.pipeline->on_revoked(both, in(10s));
  handler.join();
  REQUIRE(marks.size() == 1);
  CHECK(marks[0].next_offset == 1);
  CHECK(rig.visible() == std::vector<std::string>{"x"});
}

TEST_CASE("what does not end in time is aborted, and its handlers' later events are refused") {
  TransactionRig rig;
  rig.bus.answer = republish(rig, [](const Published&) { return Answer::later; });
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  CHECK(rig.pipeline->on_revoked(both, in(50ms)).empty());
  CHECK(rig.sink.count("abort") == 1);
  CHECK(rig.sink.visible.empty());
  CHECK(rig.publish("o", "late effect", "in:0:0") == SendStatus::refused);
  rig.turn();
  rig.bus.complete_next(Outcome::done);  // finds its old batch
  rig.turn();
  CHECK(rig.sink.count("begin") == 1);
  CHECK(rig.status.reports.empty());
}

TEST_CASE("lost partitions: nothing is committed, nothing is handed again, other partitions are") {
  TransactionRig rig;
  rig.bus.answer = republish(rig, [](const Published&) { return Answer::later; });
  rig.take(0, 0, "gone");
  rig.take(0, 1, "stays");
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 2; }));
  rig.pipeline->on_lost(std::vector<TopicPartition>{{"in", 0}});
  rig.turn();
  rig.turn();
  CHECK(rig.bus.waiting() == 2);  // a record is not handed again while a handler still has it
  rig.bus.complete_next(Outcome::done);
  rig.bus.complete_next(Outcome::done);
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  rig.bus.complete_next(Outcome::done);
  REQUIRE(rig.turn_until([&] { return rig.offset(1) == 1; }));
  CHECK(rig.offset(0) == -1);
  CHECK(rig.visible() == std::vector<std::string>{"stays"});
}

TEST_CASE("a lost membership commits nothing; the records are handed again") {
  TransactionRig rig;
  rig.bus.answer = republish(rig);
  rig.consumer.member = false;
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.sink.count("abort") == 1; }));
  CHECK(rig.sink.count("commit") == 0);
  rig.consumer.member = true;
  REQUIRE(rig.turn_until([&] { return rig.offset() == 1; }));
  CHECK(rig.visible() == std::vector<std::string>{"x"});
}

TEST_CASE("an undecided commit is asked again, with the same offsets and nothing in between") {
  TransactionRig rig;
  rig.bus.answer = republish(rig);
  rig.sink.commits = {TransactionState::again, TransactionState::again};
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.sink.count("commit") == 1; }));
  rig.take(1, 0, "y");
  REQUIRE(rig.turn_until([&] { return rig.offset() == 2; }));
  CHECK(std::vector(rig.sink.calls.begin(), rig.sink.calls.begin() + 7) ==
        std::vector<std::string>{"prepare", "begin", "commit", "commit", "commit", "begin", "commit"});
}

TEST_CASE("after a commit whose answer was lost with the client, the group's offsets decide") {
  TransactionRig rig;
  rig.bus.answer = republish(rig);
  rig.sink.commits = {TransactionState::renew};
  rig.take(0, 0, "x");
  SUBCASE("it was committed: the record is not handed again") {
    rig.sink.on_commit = [&] { rig.sink.offsets[{"in", 0}] = 1; };
    REQUIRE(rig.turn_until([&] { return rig.pipeline->statistics().done == 1; }));
    CHECK(rig.bus.all.size() == 1);
    CHECK(rig.status.reports.size() == 1);
  }
  SUBCASE("it was not: the record is handed again") {
    rig.consumer.answers = false;
    REQUIRE(rig.turn_until([&] { return rig.sink.count("prepare") == 2; }));
    rig.turn();
    CHECK(rig.bus.all.size() == 1);  // not before it is known
    rig.consumer.answers = true;
    REQUIRE(rig.turn_until([&] { return rig.pipeline->statistics().done == 1; }));
    CHECK(rig.bus.all.size() == 2);
  }
}

TEST_CASE("another process with the transactional id: the worker gives up and says so") {
  TransactionRig rig;
  rig.bus.answer = republish(rig);
  rig.sink.commits = {TransactionState::fenced};
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return !rig.consumer.gave_up.empty(); }));
  CHECK(rig.consumer.gave_up.find("agent-1.ledger") != std::string::npos);
  rig.turn();
  CHECK(rig.pipeline->on_revoked(both, in(50ms)).empty());
  CHECK(rig.sink.count("commit") == 1);
}

TEST_CASE("an event that the broker will never take is traced to the record that caused it") {
  TransactionRig rig(settings_with(config::OnFailure::skip, 2));
  rig.bus.answer = republish(rig);  // does not wait for its event
  rig.sink.failure = Failure::permanent;
  rig.sink.failing = "cursed";
  rig.sink.on_commit = [&] {
    // As the real one: a record that failed makes the commit an abort.
    if (rig.scope.failed()) rig.sink.commits = {TransactionState::abort};
  };
  for (std::int64_t offset = 0; offset < 4; ++offset) rig.take(offset, 0, offset == 2 ? "cursed" : "fine");
  REQUIRE(rig.turn_until([&] { return rig.offset() == 4; }));
  CHECK(rig.visible() == std::vector<std::string>{"fine", "fine", "fine"});
  CHECK(rig.pipeline->statistics().skipped == 1);
}

TEST_CASE("no broker yet: records wait up to the bound, then partitions rest") {
  config::WorkerSettings settings;
  settings.max_in_flight = 10;
  TransactionRig rig(settings);
  rig.bus.answer = republish(rig);
  rig.sink.prepares.assign(3, TransactionState::again);
  rig.turn();
  for (std::int64_t offset = 0; offset < 10; ++offset) rig.take(offset);
  CHECK(rig.pipeline->wants_pause());
  CHECK(rig.bus.all.empty());
  REQUIRE(rig.turn_until([&] { return rig.offset() == 10; }));
  CHECK_FALSE(rig.pipeline->wants_pause());
}

TEST_CASE("after a stop and a start records come from the consumer again, not from memory") {
  TransactionRig rig;
  rig.bus.answer = republish(rig, [](const Published&) { return Answer::later; });
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  rig.sink.aborts.assign(1000, TransactionState::again);
  (void)rig.pipeline->on_revoked(both, in(20ms));
  rig.pipeline->attach(nullptr);
  rig.bus.complete_next(Outcome::done);
  rig.sink.aborts.clear();
  rig.pipeline->attach(&rig.consumer);
  rig.pipeline->on_assigned(both);
  rig.take(0, 0, "x");
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));
  rig.bus.complete_next(Outcome::done);
  REQUIRE(rig.turn_until([&] { return rig.offset() == 1; }));
  CHECK(rig.bus.all.size() == 2);
}
