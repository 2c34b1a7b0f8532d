// What a worker may hold is bounded in bytes too, whichever its guarantee.
#include "inbound/flow.h"
#include "transaction_fakes.h"

using namespace kafka_events;
using Answer = FakeBus::Answer;

namespace {

constexpr std::size_t big = 4 << 20;
const std::vector<TopicPartition> partitions{{"in", 0}, {"in", 1}};

config::WorkerSettings settings_with(std::uint32_t attempts = 5) {
  config::WorkerSettings settings;
  settings.name = "inbound";
  settings.on_failure = config::OnFailure::stop;
  settings.retries.attempts = attempts;
  return settings;
}

struct Rig {
  SilentLog log;
  FakeBus bus;
  RecordMaker records;
  std::unique_ptr<InboundPipeline> pipeline;

  explicit Rig(const config::WorkerSettings& settings) {
    auto made = InboundPipeline::create(settings, "", bus, nullptr, log);
    REQUIRE(made.ok());
    pipeline = std::move(made).value();
    pipeline->on_assigned(partitions);
  }
  ~Rig() {
    pipeline.reset();
    while (bus.waiting() > 0) bus.complete_next(Outcome::done);
  }
  void take(std::int64_t offset, std::int32_t partition = 0) {
    pipeline->on_record(records.make("in", partition, offset, std::string(big, 'x')));
  }
};

}  // namespace

TEST_CASE("few large records make the worker rest, long before their number would") {
  Rig rig(settings_with());
  rig.bus.answer = [](const Published&) { return Answer::later; };
  std::int64_t taken = 0;
  while (!rig.pipeline->wants_pause()) rig.take(taken++);
  CHECK(static_cast<std::uint64_t>(taken) * big >= max_held_bytes);
  CHECK(static_cast<std::uint64_t>(taken - 2) * big < max_held_bytes);
  for (std::int64_t i = 0; i < taken / 4; ++i) rig.bus.complete_next(Outcome::done);
  CHECK(rig.pipeline->wants_pause());  // until half of it is free
  for (std::int64_t i = 0; i < taken / 2; ++i) rig.bus.complete_next(Outcome::done);
  CHECK_FALSE(rig.pipeline->wants_pause());
}

TEST_CASE("records that wait to be tried again count, and are forgotten with their partition") {
  Rig rig(settings_with());
  rig.bus.answer = [](const Published&) { return Answer::failed; };
  std::int64_t taken = 0;
  while (!rig.pipeline->wants_pause() && taken < 100) rig.take(taken++);
  CHECK(taken < 100);
  rig.pipeline->on_turn(std::chrono::steady_clock::now());
  CHECK(rig.pipeline->wants_pause());
  rig.pipeline->on_lost(std::vector<TopicPartition>{{"in", 0}});
  CHECK_FALSE(rig.pipeline->wants_pause());
}

TEST_CASE("a partition that stopped holds nothing of the bound") {
  Rig rig(settings_with(1));
  rig.bus.answer = [](const Published&) { return Answer::failed; };
  for (std::int64_t offset = 0; offset < 10; ++offset) rig.take(offset);
  rig.pipeline->on_turn(std::chrono::steady_clock::now());
  CHECK(rig.pipeline->statistics().stopped.size() == 1);
  rig.bus.answer = [](const Published&) { return Answer::later; };
  std::int64_t taken = 0;
  while (!rig.pipeline->wants_pause()) rig.take(taken++, 1);
  CHECK(static_cast<std::uint64_t>(taken) * big >= max_held_bytes);
}

TEST_CASE("exactly_once: what waits for its transaction is bounded the same way") {
  TransactionRig rig;
  rig.sink.prepares.assign(1, TransactionState::again);
  rig.bus.answer = [](const Published&) { return Answer::done; };
  std::int64_t taken = 0;
  while (!rig.pipeline->wants_pause()) rig.take(taken++, 0, std::string(big, 'x'));
  CHECK(static_cast<std::uint64_t>(taken) * big <= max_held_bytes);
  CHECK(static_cast<std::uint64_t>(taken) * big >= max_held_bytes / 2);
  REQUIRE(rig.turn_until([&] { return rig.offset() == taken; }));
  CHECK_FALSE(rig.pipeline->wants_pause());
}
