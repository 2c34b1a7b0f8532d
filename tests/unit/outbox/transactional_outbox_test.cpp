// exactly_once out: what read_committed consumers see after commits, aborts, lost answers and restarts.
#include "store/transactional_outbox.h"

#include <doctest/doctest.h>

#include "fakes.h"

namespace kafka_events::test {
namespace {

using Texts = std::vector<std::string>;

struct Bench {
  MemoryStore store;
  FakeKafka kafka;
  CountingBus bus;
  QuietLog log;
  Reports reports{bus};
  TransactionalOutbox outbox{TransactionalOutbox::Options{}, bus, log};
  TopicId topic{};

  void start() {
    kafka.listener = &outbox;
    outbox.start({store, kafka, "group"}, reports);
    topic = outbox.open_topic("out").value();
  }
  std::pair<SendStatus, EventHandle> send(const std::string& value) {
    const Event& event = bus.make(value);
    OutboundRecord record;
    record.topic = topic;
    record.value = event.payload;
    record.event = event.handle;
    record.source = &event;
    return {outbox.send(record), event.handle};
  }
  bool empty() {
    return eventually([&] { return store.entries(Stream::exactly_once) == 0; });
  }
  void stop() { outbox.stop(std::chrono::steady_clock::now() + std::chrono::seconds(1)); }
};

TEST_CASE("entries become visible with the position, in order, and are reported after the commit") {
  Bench bench;
  bench.start();
  for (const char* value : {"1", "2", "3"}) CHECK(bench.send(value).first != SendStatus::full);
  CHECK(bench.empty());
  CHECK(bench.kafka.visible_values() == Texts{"1", "2", "3"});
  CHECK(bench.kafka.position == 4);
  CHECK(bench.store.synced_end == 4);  // the disk never knows less than Kafka
  CHECK(bench.reports.told() == Texts{"1 delivered", "2 delivered", "3 delivered"});
}

TEST_CASE("a transaction that is aborted is sent once more, and nothing of it was reported") {
  Bench bench;
  bench.kafka.commit_answers = {TransactionState::abort, TransactionState::abort};
  bench.start();
  bench.send("1");
  CHECK(bench.empty());
  CHECK(bench.kafka.visible_values() == Texts{"1"});
  CHECK(bench.reports.told() == Texts{"1 delivered"});
  CHECK(bench.outbox.status().aborted == 2);
}

TEST_CASE("a commit whose answer was lost is not repeated: Kafka's position says that it happened") {
  Bench bench;
  bench.kafka.commit_answers = {TransactionState::renew};
  bench.kafka.commit_happens_anyway = true;
  bench.start();
  bench.send("1");
  CHECK(bench.empty());
  CHECK(bench.kafka.visible_values() == Texts{"1"});
  CHECK(bench.reports.told() == Texts{"1 delivered"});
}

TEST_CASE("after a crash between commit and erasure the next life sends only what Kafka lacks") {
  Bench bench;
  StoredEntry entry;
  entry.kafka_topic = "out";
  for (const char* value : {"1", "2", "3"}) {
    entry.value = entry.payload = entry.event_id = value;
    REQUIRE(bench.store.append(Stream::exactly_once, entry).ok());
  }
  bench.kafka.position = 3;  // 1 and 2 were published
  bench.start();
  CHECK(bench.empty());
  CHECK(bench.kafka.visible_values() == Texts{"3"});
  CHECK(bench.reports.told() == Texts{"1 delivered", "2 delivered", "3 delivered"});
}

TEST_CASE("a record that Kafka will never take is reported, and the others of its transaction follow") {
  Bench bench;
  bench.kafka.prepare_answers = {TransactionState::again};  // so that all are there when it begins
  bench.start();
  bench.send("1");
  bench.send(bench.kafka.permanent_value);
  bench.send(bench.kafka.refused_value);
  bench.send("2");
  CHECK(bench.empty());
  CHECK(bench.kafka.visible_values() == Texts{"1", "2"});
  const Texts told = bench.reports.told();
  CHECK(told.size() == 4);
  CHECK(std::ranges::count(told, "(permanent) failed: not authorized") == 1);
  CHECK(std::ranges::count(told, "(refused) failed: refused by the fake") == 1);
}

TEST_CASE("a fenced instance publishes nothing more and keeps its entries") {
  Bench bench;
  bench.kafka.commit_answers = {TransactionState::fenced};
  bench.start();
  const EventHandle event = bench.send("1").second;
  CHECK(eventually([&] { return bench.outbox.fenced(); }));
  CHECK(bench.kafka.visible_values().empty());
  CHECK(bench.store.entries(Stream::exactly_once) == 1);
  CHECK(bench.outbox.status().state == "fenced");
  bench.stop();
  CHECK(bench.bus.completions(event).size() <= 1);
}

TEST_CASE("an older copy of an outbox, of which Kafka has more than it holds, sends nothing") {
  Bench bench;
  bench.kafka.position = 1000;
  bench.start();
  CHECK(eventually([&] { return bench.outbox.fenced(); }));
  CHECK(bench.outbox.status().trouble.find("older copy") != std::string::npos);
}

TEST_CASE("a stop between transactions loses nothing, and a start goes on") {
  Bench bench;
  bench.start();
  for (int i = 0; i < 50; ++i) bench.send(std::to_string(i));
  bench.stop();
  CHECK(bench.send("refused").first == SendStatus::refused);
  bench.start();
  CHECK(bench.send("b").first != SendStatus::refused);
  CHECK(bench.empty());
  CHECK(bench.kafka.visible_values().size() == 51);
}

}  // namespace
}  // namespace kafka_events::test
