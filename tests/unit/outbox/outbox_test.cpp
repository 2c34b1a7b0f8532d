// The outbox between publishers and the producer: which way records go, and in which order they come out.
#include "store/outbox.h"

#include <doctest/doctest.h>
#include <random>

#include "fakes.h"

namespace kafka_events::test {
namespace {

struct Bench {
  MemoryStore store;
  FakeKafka kafka;
  CountingBus bus;
  QuietLog log;
  Reports reports{bus};
  std::atomic<bool> connected{true};
  std::atomic<int> renewals{0};
  Outbox outbox;
  TopicId topic{};

  explicit Bench(Outbox::Mode mode)
      : outbox(mode,
               OutboxTarget{kafka, [this] { return connected.load(); }, [this] { return kafka.in_flight(); },
                            [this] { ++renewals; }, 1000},
               bus, log) {}

  void start() {
    outbox.start(store, reports);
    topic = outbox.open_topic("out").value();
  }
  std::pair<SendStatus, EventHandle> send(const std::string& value, std::string_view key = "k") {
    const Event& event = bus.make(value);
    OutboundRecord record;
    record.topic = topic;
    record.key = key;
    record.value = event.payload;
    record.value_in_event = true;
    record.event = event.handle;
    record.source = &event;
    return {outbox.send(record), event.handle};
  }
  void deliver_all() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (store.entries(Stream::at_least_once) > 0 || kafka.in_flight() > 0) {
      if (std::chrono::steady_clock::now() > deadline) FAIL("records are left");
      kafka.deliver(7, outbox);
      std::this_thread::yield();
    }
  }
  std::vector<std::string> log_values() const {
    std::vector<std::string> values;
    for (const QueuedRecord& record : kafka.log) values.push_back(record.value);
    return values;
  }
};

using Texts = std::vector<std::string>;

TEST_CASE("when_needed: nothing touches the store while Kafka takes records") {
  Bench bench(Outbox::Mode::when_needed);
  bench.start();
  const auto [status, event] = bench.send("1");
  CHECK(status == SendStatus::accepted);
  CHECK(bench.store.positions(Stream::at_least_once).end == 1);
  bench.kafka.deliver(1, bench.outbox);
  CHECK(bench.bus.completions(event) == Texts{"0 "});
  CHECK(bench.reports.told() == Texts{"1 delivered"});
}

TEST_CASE("when_needed: a full queue sends records through the store, in order, and then directly again") {
  Bench bench(Outbox::Mode::when_needed);
  bench.kafka.capacity = 2;
  bench.start();
  for (const char* value : {"1", "2", "3", "4", "5"}) CHECK(bench.send(value).first == SendStatus::accepted);
  CHECK_FALSE(bench.outbox.status().direct);
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"1", "2", "3", "4", "5"});
  CHECK(bench.reports.told().size() == 5);
  CHECK(eventually([&] { return bench.outbox.status().direct; }));
  const std::uint64_t end = bench.store.positions(Stream::at_least_once).end;
  CHECK(bench.send("6").first == SendStatus::accepted);
  CHECK(bench.store.positions(Stream::at_least_once).end == end);
}

TEST_CASE("while the broker is away events are kept on disk, and their publishers are told so") {
  Bench bench(Outbox::Mode::when_needed);
  bench.connected = false;
  bench.start();
  CHECK(bench.send("1").first == SendStatus::kept);
  CHECK(bench.send("2").first == SendStatus::kept);
  CHECK_FALSE(bench.outbox.status().direct);
  bench.connected = true;
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"1", "2"});
  CHECK(bench.reports.told() == Texts{"1 delivered", "2 delivered"});
}

TEST_CASE("publishers that wait when the broker goes away are told that their events are safe") {
  Bench bench(Outbox::Mode::always);
  bench.start();
  const EventHandle event = bench.send("1").second;
  CHECK(bench.bus.completions(event).empty());
  bench.connected = false;
  CHECK(eventually([&] { return bench.bus.completions(event) == Texts{"0 " + std::string(kept_in_outbox)}; }));
  // It is in flight still: the producer must not use the memory of an event that is gone.
  CHECK(bench.kafka.in_flight() == 1);
  CHECK_FALSE(bench.kafka.borrowed);
}

TEST_CASE("what the producer gives back is sent again before everything that came later") {
  Bench bench(Outbox::Mode::when_needed);
  bench.start();
  const EventHandle first = bench.send("1").second;
  bench.send("2");
  bench.kafka.lose(bench.outbox);
  CHECK(bench.bus.completions(first) == Texts{"0 " + std::string(kept_in_outbox)});
  bench.send("3");
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"1", "2", "3"});
  CHECK(bench.outbox.status().taken_back == 2);
}

TEST_CASE("entries that were sent before direct records keep their place when all come back") {
  Bench bench(Outbox::Mode::when_needed);
  bench.kafka.capacity = 1;
  bench.start();
  bench.send("1");
  bench.send("2");  // waits on disk
  bench.kafka.capacity = 100;
  CHECK(eventually([&] { return bench.outbox.status().direct; }));
  bench.send("3");  // directly, behind the entry of 2
  bench.kafka.lose(bench.outbox);
  bench.send("4");
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"1", "2", "3", "4"});
}

TEST_CASE("always: every event is on disk before its publisher goes on, and is erased once it is acknowledged") {
  Bench bench(Outbox::Mode::always);
  bench.start();
  const auto [status, event] = bench.send("1");
  CHECK(status == SendStatus::accepted);
  CHECK(bench.store.entries(Stream::at_least_once) == 1);
  CHECK(bench.bus.completions(event).empty());
  bench.deliver_all();
  CHECK(bench.bus.completions(event) == Texts{"0 "});
  CHECK(bench.outbox.status().relayed == 1);
}

TEST_CASE("nothing is sent again before everything in flight has come back, so that nothing is sent twice") {
  Bench bench(Outbox::Mode::always);
  bench.start();
  for (const char* value : {"1", "2", "3"}) bench.send(value);
  CHECK(eventually([&] { return bench.kafka.in_flight() == 3; }));
  bench.kafka.lose(bench.outbox, 0, std::chrono::milliseconds(120));  // longer than the relay rests
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"1", "2", "3"});
}

TEST_CASE("entries of an earlier life go first, and their status events know the event") {
  Bench bench(Outbox::Mode::when_needed);
  StoredEntry entry;
  entry.kafka_topic = "out";
  entry.value = entry.payload = entry.event_id = "old";
  REQUIRE(bench.store.append(Stream::at_least_once, entry).ok());
  bench.start();
  bench.send("new");
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"old", "new"});
  CHECK(bench.reports.told() == Texts{"old delivered", "new delivered"});
}

TEST_CASE("what Kafka will never take is reported once and does not hold up the rest") {
  Bench bench(Outbox::Mode::always);
  StoredEntry entry;
  entry.kafka_topic = "out";
  entry.value = entry.payload = entry.event_id = bench.kafka.refused_value;
  REQUIRE(bench.store.append(Stream::at_least_once, entry).ok());
  bench.start();
  bench.send("2");
  bench.deliver_all();
  CHECK(bench.log_values() == Texts{"2"});
  CHECK(bench.reports.told().front() == "(refused) failed: refused by the fake");
  REQUIRE(eventually([&] { return bench.outbox.status().direct; }));
  CHECK(bench.send(bench.kafka.refused_value).first == SendStatus::too_large);  // told at once, and not kept
  CHECK(bench.store.entries(Stream::at_least_once) == 0);
  bench.send("3");
  CHECK(eventually([&] { return bench.kafka.in_flight() == 1; }));
  bench.kafka.refuse_for_good(bench.outbox);
  CHECK(bench.reports.told().back() == "3 failed: not authorized");
  CHECK(bench.store.entries(Stream::at_least_once) == 0);
}

TEST_CASE("a full outbox says busy, and a record that comes back then is reported as lost") {
  Bench bench(Outbox::Mode::when_needed);
  bench.kafka.capacity = 1;
  bench.start();
  bench.send("1");
  bench.store.full = true;
  const auto [status, event] = bench.send("2");
  CHECK(status == SendStatus::full);
  CHECK(bench.outbox.explain(status, {}) == "the outbox is full");
  bench.kafka.lose(bench.outbox);
  CHECK(bench.reports.told() == Texts{"1 failed: lost; and the outbox does not take it: the outbox is full"});
}

TEST_CASE("a record over the largest size is refused before it is stored") {
  Bench bench(Outbox::Mode::always);
  bench.start();
  CHECK(bench.send(std::string(1001, 'x')).first == SendStatus::too_large);
  CHECK(bench.store.entries(Stream::at_least_once) == 0);
}

TEST_CASE("at the end waiting publishers are told that their events are kept, and nothing is taken any more") {
  Bench bench(Outbox::Mode::always);
  bench.start();
  const EventHandle event = bench.send("1").second;
  bench.outbox.stop_relaying();
  bench.kafka.lose(bench.outbox);
  CHECK(bench.outbox.finish() == 1);
  CHECK(bench.bus.completions(event) == Texts{"0 " + std::string(kept_in_outbox)});
  CHECK(bench.send("2").first == SendStatus::refused);
}

// Records of a few keys, a queue that is now long and now short, losses at any moment, some of them after the write:
// nothing is missing, and the first occurrences of each key ascend.
TEST_CASE("order per key and completeness hold under any sequence of full queues and losses") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
    Bench bench(seed % 4 == 0 ? Outbox::Mode::always : Outbox::Mode::when_needed);
    bench.kafka.capacity = 5;
    bench.start();
    std::map<std::string, int> next;
    for (int step = 0; step < 600; ++step) {
      const unsigned action = pick(100);
      if (action < 70) {
        const std::string key(1, static_cast<char>('a' + pick(3)));
        const SendStatus status = bench.send(key + std::to_string(next[key]), key).first;
        if (status != SendStatus::full) ++next[key];
      } else if (action < 90) {
        bench.kafka.deliver(pick(6), bench.outbox);
      } else if (action < 94) {
        bench.kafka.lose(bench.outbox, pick(3));
      } else if (action < 97) {
        bench.kafka.capacity = 1 + pick(20);
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(pick(300)));
      }
    }
    bench.deliver_all();
    std::map<std::string, int> seen;
    for (const QueuedRecord& record : bench.kafka.log) {
      const int number = std::stoi(record.value.substr(1));
      CHECK(number <= seen[record.key]);
      seen[record.key] = std::max(seen[record.key], number + 1);
    }
    CHECK(seen == next);
  }
}

}  // namespace
}  // namespace kafka_events::test
