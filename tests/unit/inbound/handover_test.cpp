// What one version of a worker's pipeline hands to the next: nothing is handled twice, retries keep their attempts and their
// order, counts go on.
#include <algorithm>
#include <doctest/doctest.h>

#include "transaction_fakes.h"

using namespace kafka_events;
using namespace std::chrono_literals;
using Answer = FakeBus::Answer;

namespace {

const TopicPartition zero{"in", 0};

config::WorkerSettings settings_with(config::OnFailure on_failure = config::OnFailure::skip) {
  config::WorkerSettings settings;
  settings.name = "inbound";
  settings.on_failure = on_failure;
  settings.retries = {.attempts = 5, .backoff = 200ms, .max_backoff = 200ms};
  return settings;
}

/// A pipeline of one version of the module, without dead letters.
struct Version {
  SilentLog log;
  FakeBus bus;
  RecordMaker records;
  std::unique_ptr<InboundPipeline> pipeline;
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();

  explicit Version(const config::WorkerSettings& settings = settings_with()) {
    auto made = InboundPipeline::create(settings, "", bus, nullptr, log);
    REQUIRE(made.ok());
    pipeline = std::move(made).value();
    pipeline->on_assigned(std::vector{zero});
  }
  ~Version() {
    pipeline.reset();
    while (bus.waiting() > 0) bus.complete_next(Outcome::done);
    CHECK(records.released == records.created);
  }
  void take(std::int64_t first, std::int64_t last) {
    for (auto offset = first; offset <= last; ++offset) {
      pipeline->on_record(records.make("in", 0, offset, "v" + std::to_string(offset)));
    }
  }
  void turn(std::chrono::milliseconds later = 0ms) { pipeline->on_turn(begin + later); }
  [[nodiscard]] WorkerHandover hand_over() const {
    WorkerHandover to;
    to.partitions.emplace_back().partition = zero;
    pipeline->hand_over(to);
    return to;
  }
  void take_over(const WorkerHandover& from) {
    pipeline->take_over_counters(from);
    pipeline->take_over(from.partitions);
  }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> payloads;
    for (const Published& each : bus.all) payloads.push_back(each.payload);
    return payloads;
  }
  std::int64_t mark() {
    const auto marks = pipeline->watermarks();
    return marks.empty() ? -1 : marks[0].next_offset;
  }
  [[nodiscard]] bool rests() const { return !pipeline->paused_partitions().empty(); }
};

/// 10 and 11 done, 12 failed once, 13 done.
WorkerHandover with_a_retry() {
  Version old;
  old.bus.answer = [](const Published& event) { return event.payload == "v12" ? Answer::failed : Answer::done; };
  old.take(10, 13);
  old.pipeline->quiesce(true);
  old.turn();
  CHECK(old.pipeline->is_quiet());
  return old.hand_over();
}

using Payloads = std::vector<std::string>;

}  // namespace

TEST_CASE("quiesced, retries wait and handlers are waited for, also those of partitions that went away") {
  Version version;
  bool failing = true;
  version.bus.answer = [&](const Published& event) {
    if (event.payload == "v1") return Answer::later;
    return failing ? Answer::failed : Answer::done;
  };
  version.take(0, 1);
  version.pipeline->quiesce(true);
  version.turn();
  CHECK_FALSE(version.pipeline->is_quiet());
  version.turn(10s);
  CHECK(version.bus.all.size() == 2);  // no second attempt
  version.pipeline->on_lost(std::vector{zero});
  CHECK_FALSE(version.pipeline->is_quiet());
  version.bus.complete_next(Outcome::done);
  CHECK(version.pipeline->is_quiet());
}

TEST_CASE("a failed record makes a pipeline quiet only when it is known to wait") {
  Version version;
  version.bus.answer = [](const Published&) { return Answer::failed; };
  version.take(0, 0);
  version.pipeline->quiesce(true);
  CHECK_FALSE(version.pipeline->is_quiet());
  version.turn();
  CHECK(version.pipeline->is_quiet());
  version.pipeline->quiesce(false);
  version.turn(10s);
  CHECK(version.bus.all.size() == 2);
}

TEST_CASE("what is done, what waits and how often it was tried are handed over") {
  const WorkerHandover from = with_a_retry();
  const PartitionHandover& partition = from.partitions[0];
  CHECK(partition.next_offset == 12);
  CHECK(partition.done == std::vector<std::pair<std::int64_t, std::int64_t>>{{13, 14}});
  REQUIRE(partition.retries.size() == 1);
  CHECK(partition.retries[0].offset == 12);
  CHECK(partition.retries[0].attempts == 1);
  CHECK(partition.retries[0].stage == "handle");
  CHECK(partition.retries[0].reason == "boom");
  CHECK(partition.retries[0].due_in_ms > 0);
  CHECK(partition.retries[0].due_in_ms <= 200);
}

TEST_CASE(
    "done records are not handled again, a retry keeps its attempts and its time, and what follows waits for it") {
  const WorkerHandover from = with_a_retry();
  Version next;
  next.bus.answer = [](const Published& event) { return event.payload == "v12" ? Answer::later : Answer::done; };
  next.take_over(from);
  next.take(12, 16);  // librdkafka reads from the watermark once more
  next.turn();
  CHECK(next.bus.all.empty());
  CHECK(next.rests());
  next.turn(1s);
  CHECK(next.payloads() == Payloads{"v12"});
  CHECK(next.rests());
  next.bus.complete_next(Outcome::done);
  CHECK(next.mark() == 14);
  next.turn(1s);
  CHECK(next.payloads() == Payloads{"v12", "v14", "v15", "v16"});
  CHECK(next.mark() == 17);
  CHECK_FALSE(next.rests());
  next.take(17, 17);
  CHECK(next.mark() == 18);
  CHECK(next.pipeline->statistics().retries == 1);
}

TEST_CASE("attempts of both versions count together") {
  const WorkerHandover from = with_a_retry();
  Version next;
  next.bus.answer = [](const Published&) { return Answer::failed; };
  next.take_over(from);
  next.take(12, 12);
  for (auto later = 0ms; later < 10s; later += 100ms) next.turn(later);
  CHECK(std::ranges::count(next.payloads(), "v12") == 4);  // of five
  CHECK(next.pipeline->statistics().skipped == 1);
}

TEST_CASE("what has not been read again is handed on as it was") {
  const WorkerHandover from = with_a_retry();
  Version next;
  next.take_over(from);
  const WorkerHandover third = next.hand_over();
  CHECK(third.partitions[0].next_offset == 12);
  CHECK(third.partitions[0].done == from.partitions[0].done);
  REQUIRE(third.partitions[0].retries.size() == 1);
  CHECK(third.partitions[0].retries[0].attempts == 1);
  CHECK(third.partitions[0].retries[0].reason == "boom");
  next.take(12, 20);  // 14 and what follows are kept, and read once more by the third
  const WorkerHandover fourth = next.hand_over();
  CHECK(fourth.partitions[0].next_offset == 12);
  CHECK(fourth.partitions[0].done == from.partitions[0].done);
  CHECK(fourth.partitions[0].retries.size() == 1);
}

TEST_CASE("records below the watermark that come again are not handled") {
  const WorkerHandover from = with_a_retry();
  Version next;
  next.take_over(from);
  next.take(8, 11);
  CHECK(next.bus.all.empty());
}

TEST_CASE("a retry whose record was deleted meanwhile is in nobody's way") {
  const WorkerHandover from = with_a_retry();
  Version next;
  next.take_over(from);
  next.take(15, 15);
  CHECK(next.payloads() == Payloads{"v15"});
  CHECK(next.mark() == 16);
}

TEST_CASE("a partition that was taken away forgets what was handed over") {
  const WorkerHandover from = with_a_retry();
  Version next;
  next.take_over(from);
  next.take(12, 16);
  next.pipeline->on_lost(std::vector{zero});
  next.pipeline->on_assigned(std::vector{zero});
  next.take(12, 13);
  CHECK(next.payloads() == Payloads{"v12", "v13"});
}

TEST_CASE("a partition that stopped stays stopped, with its reason, and counts go on") {
  auto settings = settings_with(config::OnFailure::stop);
  settings.retries.attempts = 1;
  WorkerHandover from;
  {
    Version old(settings);
    old.bus.answer = [](const Published& event) { return event.payload == "v1" ? Answer::failed : Answer::done; };
    old.take(0, 1);
    old.pipeline->quiesce(true);
    old.turn();
    from = old.hand_over();
  }
  CHECK(from.partitions[0].stopped);
  CHECK(from.partitions[0].next_offset == 1);
  Version next(settings);
  next.take_over(from);
  next.take(1, 2);
  CHECK(next.bus.all.empty());
  CHECK(next.rests());
  const InboundStatistics counts = next.pipeline->statistics();
  CHECK(counts.stopped == std::vector{zero});
  CHECK(counts.reason == "record in:0:1 can't be handled: boom");
  CHECK(counts.records == 2);
  CHECK(counts.done == 1);
  CHECK(counts.handler_failures == 1);
}

// ---- exactly_once ----

TEST_CASE("exactly_once is quiet between two transactions, when all that it took is committed") {
  TransactionRig rig;
  rig.bus.answer = [](const Published&) { return Answer::later; };
  rig.take(0);
  rig.take(1);
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 2; }));
  rig.take(2);
  rig.pipeline->quiesce(true);
  CHECK_FALSE(rig.pipeline->is_quiet());
  rig.bus.complete_next(Outcome::done);
  rig.bus.complete_next(Outcome::done);
  REQUIRE(rig.turn_until([&] { return rig.bus.waiting() == 1; }));  // the one that was taken already
  rig.bus.complete_next(Outcome::done);
  REQUIRE(rig.turn_until([&] { return rig.offset() == 3; }));
  CHECK_FALSE(rig.pipeline->is_quiet());  // its watermark is to be fetched
  (void)rig.pipeline->watermarks();
  CHECK(rig.pipeline->is_quiet());
}

TEST_CASE("exactly_once hands over where its committed offsets end, and how often what waits was tried") {
  auto settings = settings_with();
  settings.retries.backoff = settings.retries.max_backoff = 10s;
  WorkerHandover from;
  from.partitions.emplace_back().partition = zero;
  {
    TransactionRig old(settings);
    old.bus.answer = [](const Published& event) { return event.payload == "bad" ? Answer::failed : Answer::done; };
    old.take(5, 0, "good");
    old.take(6, 0, "bad");
    old.take(7, 0, "behind");
    REQUIRE(old.turn_until([&] { return old.offset() == 6; }));
    REQUIRE(old.turn_until([&] { return old.sink.count("abort") == 2; }));
    old.pipeline->quiesce(true);
    (void)old.pipeline->watermarks();
    CHECK(old.pipeline->is_quiet());
    old.pipeline->hand_over(from);
  }
  CHECK(from.partitions[0].next_offset == 6);
  REQUIRE(from.partitions[0].retries.size() == 1);
  CHECK(from.partitions[0].retries[0].attempts == 2);
  from.partitions[0].retries[0].due_in_ms = 0;
  TransactionRig next(settings);
  next.pipeline->take_over_counters(from);
  next.pipeline->take_over(from.partitions);
  CHECK(next.pipeline->statistics().aborted_transactions == 2);
  std::vector<std::string> order;
  next.bus.answer = [&](const Published& event) {
    order.push_back(event.payload);
    return Answer::done;
  };
  next.take(5, 0, "good");
  next.take(6, 0, "bad");
  next.take(7, 0, "behind");
  REQUIRE(next.turn_until([&] { return next.offset() == 8; }));
  CHECK(order == std::vector<std::string>{"bad", "behind"});
  CHECK(next.sink.count("commit") == 2);  // alone: it may fail again
}
