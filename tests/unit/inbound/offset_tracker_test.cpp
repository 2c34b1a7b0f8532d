// The watermark never passes a record that is not done, in whatever order and on whatever thread records end.
#include "inbound/offset_tracker.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <thread>

#include "fakes.h"

using namespace kafka_events;

namespace {

struct Rig {
  std::shared_ptr<WorkerState> worker = std::make_shared<WorkerState>();
  std::shared_ptr<OffsetTracker> tracker = std::make_shared<OffsetTracker>(TopicPartition{"in", 0}, worker);
  RecordMaker records;

  void begin(std::int64_t offset) { tracker->begin(records.make("in", 0, offset), OffsetTracker::Holder::tracker); }
  void end(std::int64_t offset, Outcome outcome = Outcome::done) {
    tracker->completed(static_cast<std::uint64_t>(offset), outcome, "");
  }
};

}  // namespace

TEST_CASE("the watermark follows the oldest record that is not done") {
  Rig rig;
  CHECK_FALSE(rig.tracker->moved().has_value());
  for (const std::int64_t offset : {100, 101, 102, 103}) rig.begin(offset);
  rig.end(101);
  rig.end(103);
  CHECK_FALSE(rig.tracker->moved().has_value());
  rig.end(100);
  CHECK(rig.tracker->moved() == 102);
  CHECK_FALSE(rig.tracker->moved().has_value());
  rig.end(102);
  CHECK(rig.tracker->moved() == 104);
  CHECK(rig.records.released == 4);
}

TEST_CASE("gaps between offsets, as compaction and transactions leave them, are passed") {
  Rig rig;
  for (const std::int64_t offset : {5, 9, 1000}) rig.begin(offset);
  rig.end(9);
  rig.end(5);
  CHECK(rig.tracker->moved() == 10);
  rig.end(1000);
  CHECK(rig.tracker->moved() == 1001);
}

TEST_CASE("random orders, some failed: at each step the watermark is what a plain count says") {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    Rig rig;
    std::vector<std::int64_t> order;
    std::int64_t offset = round;
    for (int i = 0; i < 200; ++i, offset += 1 + static_cast<std::int64_t>(random() % 3)) order.push_back(offset);
    for (const std::int64_t each : order) rig.begin(each);
    const std::vector<std::int64_t> ascending = order;
    std::ranges::shuffle(order, random);
    std::map<std::int64_t, bool> done;
    for (const std::int64_t each : order) {
      const bool fails = random() % 10 == 0;
      rig.end(each, fails ? Outcome::failed : Outcome::done);
      done[each] = !fails;
      std::int64_t expected = ascending.front();
      for (const std::int64_t next : ascending) {
        if (!done[next]) break;
        expected = next + 1;
      }
      const auto moved = rig.tracker->moved();
      if (moved) CHECK(*moved == expected);
    }
    for (FailedRecord& failed : rig.worker->take_failed()) rig.tracker->finish(failed.record->view().offset);
    const auto last = rig.tracker->moved();
    if (last) CHECK(*last == ascending.back() + 1);
    CHECK(rig.worker->in_flight == 0);
    CHECK(rig.records.released == rig.records.created);
  }
}

TEST_CASE("a failed record is kept as it was, and can be tried again") {
  Rig rig;
  const InboundRecord record = rig.records.make("in", 0, 7, "value", {{"a", "1"}, {"a", ""}});
  rig.tracker->begin(record, OffsetTracker::Holder::tracker);
  rig.end(7, Outcome::failed);
  CHECK(rig.records.released == 1);
  CHECK(rig.tracker->must_rest(100));
  auto failed = rig.worker->take_failed();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].attempts == 1);
  const InboundRecord again = rig.tracker->begin_again(std::move(failed[0]), Purpose::handle, 2);
  CHECK(again.value == "value");
  CHECK(again.key == "wallet-1");
  REQUIRE(again.headers.size() == 2);
  CHECK(again.headers[1].name == "a");
  CHECK_FALSE(is_null(again.headers[1].value));
  rig.end(7);
  CHECK(rig.tracker->moved() == 8);
  CHECK_FALSE(rig.tracker->must_rest(100));
}

TEST_CASE("completions after the assignment ended change nothing, and the tracker lives until the last of them") {
  Rig rig;
  rig.begin(1);
  rig.begin(2);
  OffsetTracker* late = rig.tracker.get();
  const std::weak_ptr<OffsetTracker> watch = rig.tracker;
  CHECK_FALSE(rig.tracker->close().has_value());
  rig.tracker.reset();
  CHECK_FALSE(watch.expired());
  late->completed(1, Outcome::failed, "");
  CHECK(rig.worker->take_failed().empty());
  late->completed(2, Outcome::done, "");
  CHECK(watch.expired());
  CHECK(rig.worker->in_flight == 0);
  CHECK(rig.records.released == 2);
}

TEST_CASE("at most once: the watermark moves first, the completion may still come") {
  Rig rig;
  rig.begin(1);
  rig.tracker->finish(1);
  CHECK(rig.tracker->moved() == 2);
  CHECK(rig.records.released == 0);
  rig.end(1, Outcome::failed);
  CHECK(rig.records.released == 1);
  CHECK(rig.worker->take_failed().empty());
}

TEST_CASE("records that come a second time, or after the stop, are not wanted") {
  Rig rig;
  rig.begin(5);
  CHECK_FALSE(rig.tracker->wants(5));
  CHECK(rig.tracker->wants(6));
  rig.tracker->stop();
  CHECK_FALSE(rig.tracker->wants(6));
  rig.end(5);
}

TEST_CASE("completions on several threads, while records enter") {
  Rig rig;
  constexpr std::int64_t count = 20'000;
  std::atomic<std::int64_t> begun{0};
  std::vector<std::thread> threads;
  for (std::int64_t part = 0; part < 3; ++part) {
    threads.emplace_back([&, part] {
      for (std::int64_t offset = part; offset < count; offset += 3) {
        while (begun.load() <= offset) std::this_thread::yield();
        rig.end(offset);
      }
    });
  }
  std::int64_t last = -1;
  for (std::int64_t offset = 0; offset < count; ++offset) {
    rig.begin(offset);
    begun = offset + 1;
    if (const auto moved = rig.tracker->moved()) {
      CHECK(*moved > last);
      last = *moved;
    }
  }
  for (std::thread& thread : threads) thread.join();
  if (const auto moved = rig.tracker->moved()) last = *moved;
  CHECK(last == count);
}
