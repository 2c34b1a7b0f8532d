// Two versions of the ways out hand everything back and forth, with an outbox on one directory: what was sent is in Kafka
// once and in its order, and is reported once.
#include <atomic>
#include <doctest/doctest.h>
#include <map>
#include <set>
#include <shared_mutex>
#include <thread>

#include "kafka/memory_deposits.h"
#include "kafka/mock_cluster.h"
#include "outbox/fakes.h"
#include "plugin/senders.h"
#include "store/support.h"

namespace kafka_events::test {
namespace {

using namespace std::chrono_literals;
using config::OutboxMode;
using config::Qos;

constexpr std::string_view topic_name = "handed-over";

/// What became of each event, by the number that its id is.
class Outcomes final : public DeliveryListener {
 public:
  explicit Outcomes(EventBus& bus) : bus_(bus) {}
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const DeliveryReport& report : reports) {
      const Event source = report.event != nullptr ? bus_.view(report.event) : *report.source;
      const std::uint64_t number = std::stoull(std::string(source.id));
      if (report.delivered && !offsets_.emplace(number, report.offset).second) ++doubled_;
      if (!report.delivered) ++failed_;
      if (report.event != nullptr) bus_.complete(report.event, Outcome::done, {});
    }
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return offsets_.size();
  }
  /// All of them, each once; of an idempotent or transactional producer at ascending offsets.
  void check(std::uint64_t sent) const {
    const std::lock_guard lock(mutex_);
    CHECK(doubled_ == 0);
    CHECK(failed_ == 0);
    CHECK(offsets_.size() == sent);
    std::int64_t last = -1;
    for (const auto& [number, offset] : offsets_) {
      if (offset < 0) continue;
      CHECK(offset > last);
      last = offset;
    }
  }

 private:
  EventBus& bus_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::int64_t> offsets_;
  std::size_t doubled_ = 0;
  std::size_t failed_ = 0;
};

struct Pair {
  MockCluster cluster{3};
  TemporaryDirectory directory;
  CountingBus bus;
  KeptLog log;
  Outcomes outcomes{bus};
  MemoryDeposits deposits;
  config::Settings settings;
  config::Settings other_settings;
  Qos qos;
  std::unique_ptr<Senders> active;
  std::unique_ptr<Senders> other;
  TopicId topic{};
  std::shared_mutex hold;  // the host's
  std::atomic<std::uint64_t> sent{0};

  Pair(Qos asked, OutboxMode mode) : qos(asked) {
    cluster.create_topic(std::string(topic_name), 1);
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_rtt(cluster.get(), broker, 3);
    config::RouteSettings route;
    route.name = "test";
    route.match = ".*";
    route.qos = qos;
    settings.routes = {route};
    settings.outbox.mode = mode;
    settings.outbox.path = directory / "outbox";
    settings.producer.properties = {{"bootstrap.servers", cluster.bootstrap(), false, {}},
                                    {"linger.ms", "1", false, {}}};
    other_settings = settings;
    active = make(settings);
    other = make(other_settings);
    REQUIRE(active->start(outcomes).ok());
    open();
  }
  std::unique_ptr<Senders> make(const config::Settings& of) {
    auto made = Senders::create(of, bus, log);
    REQUIRE(made.ok());
    return std::move(made).value();
  }
  RecordSink& sink() const { return active->sinks(nullptr).of(qos); }
  void open() { topic = sink().open_topic(topic_name).value(); }

  bool send() {
    const Event& event = bus.make(std::to_string(sent + 1));
    OutboundRecord record;
    record.topic = topic;
    record.key = "key";
    record.value = event.payload;
    record.value_in_event = true;
    record.event = event.handle;
    record.source = &event;
    const SendStatus status = sink().send(record);
    if (status == SendStatus::accepted || status == SendStatus::kept) {
      ++sent;
      return true;
    }
    CHECK(status == SendStatus::full);
    return false;
  }
  void send(int count) {
    while (count > 0) count -= send() ? 1 : 0;
  }
  SendersHandover swap() {
    const std::lock_guard lock(hold);
    auto handed = active->suspend({std::chrono::steady_clock::now() + 10s, other->clients()}, deposits);
    if (!handed) FAIL(handed.error().message);
    const Result<void> started = other->start(outcomes, &handed.value(), &deposits);
    if (!started) FAIL(started.error().message);
    active.swap(other);
    open();
    CHECK(deposits.size() == 0);
    return std::move(handed).value();
  }
  void all_arrive() {
    eventually([&] { return outcomes.size() >= sent; });
    outcomes.check(sent);
  }
};

bool deposited(const SendersHandover& handed) {
  return !handed.producers.empty() && std::ranges::all_of(handed.producers, &ProducerHandover::deposited);
}

void swap_under_load(Pair& pair, int swaps) {
  std::atomic<bool> stop{false};
  std::thread publisher([&] {
    while (!stop) {
      const std::shared_lock lock(pair.hold);
      if (!pair.send()) std::this_thread::yield();
      if (pair.sent - pair.outcomes.size() > 5000) std::this_thread::sleep_for(1ms);
    }
  });
  for (int swap = 0; swap < swaps; ++swap) {
    const std::uint64_t before = pair.sent;
    CHECK(eventually([&] { return pair.sent > before + 100; }));
    CHECK(deposited(pair.swap()));
  }
  stop = true;
  publisher.join();
  pair.all_arrive();
}

}  // namespace

TEST_CASE("under load everything arrives once and in order, whatever the guarantee and the outbox") {
  struct Case {
    Qos qos;
    OutboxMode mode;
  };
  for (const Case each :
       {Case{Qos::at_most_once, OutboxMode::off}, Case{Qos::at_least_once, OutboxMode::off},
        Case{Qos::at_least_once, OutboxMode::when_needed}, Case{Qos::at_least_once, OutboxMode::always},
        Case{Qos::exactly_once, OutboxMode::when_needed}}) {
    CAPTURE(static_cast<int>(each.qos));
    CAPTURE(static_cast<int>(each.mode));
    Pair pair(each.qos, each.mode);
    REQUIRE(eventually([&] { return pair.active->connected(); }));
    swap_under_load(pair, 12);
    CHECK(pair.active->stop(std::chrono::steady_clock::now() + 5s).in_time);
  }
}

TEST_CASE("a queue that is full sends entries through the store, which change hands too") {
  Pair pair(Qos::at_least_once, OutboxMode::when_needed);
  for (config::Settings* settings : {&pair.settings, &pair.other_settings}) {
    settings->producer.properties.push_back({"queue.buffering.max.messages", "300", false, {}});
  }
  (void)pair.active->stop(std::chrono::steady_clock::now() + 5s);
  pair.active = pair.make(pair.settings);
  pair.other = pair.make(pair.other_settings);
  REQUIRE(pair.active->start(pair.outcomes).ok());
  pair.open();
  REQUIRE(eventually([&] { return pair.active->connected(); }));
  swap_under_load(pair, 12);
  CHECK(pair.active->outbox_status().at_least_once.relayed > 0);
}

TEST_CASE("while the brokers are away entries and records in flight change hands, and arrive once") {
  for (const OutboxMode mode : {OutboxMode::when_needed, OutboxMode::always}) {
    CAPTURE(static_cast<int>(mode));
    Pair pair(Qos::at_least_once, mode);
    REQUIRE(eventually([&] { return pair.active->connected(); }));
    pair.send(200);
    pair.cluster.down();
    pair.send(200);  // in flight, as long as nobody knows
    CHECK(deposited(pair.swap()));
    REQUIRE(eventually([&] { return !pair.active->connected(); }));
    pair.send(200);  // to the disk
    CHECK(pair.active->outbox_status().at_least_once.waiting >= 200);
    CHECK(deposited(pair.swap()));
    CHECK(deposited(pair.swap()));
    pair.cluster.up();
    pair.send(200);
    pair.all_arrive();
  }
}

TEST_CASE("a version with other properties begins with what was prepared, when everything was acknowledged") {
  Pair pair(Qos::at_least_once, OutboxMode::always);
  pair.other_settings.producer.properties.push_back({"linger.ms", "7", false, {}});
  pair.other = pair.make(pair.other_settings);
  pair.other->prepare(pair.active->clients());
  REQUIRE(eventually([&] { return pair.active->connected(); }));
  pair.send(2000);
  CHECK_FALSE(deposited(pair.swap()));
  CHECK(pair.active->connected());
  pair.send(500);
  pair.all_arrive();
}

TEST_CASE("a version that cannot start leaves everything to the one before") {
  Pair pair(Qos::at_least_once, OutboxMode::always);
  REQUIRE(eventually([&] { return pair.active->connected(); }));
  pair.send(500);
  auto handed = pair.active->suspend({std::chrono::steady_clock::now() + 10s, pair.other->clients()}, pair.deposits);
  REQUIRE(handed.ok());
  REQUIRE(pair.other->start(pair.outcomes, &handed.value(), &pair.deposits).ok());
  pair.other->give_back(pair.deposits);  // something else of it has failed
  CHECK(pair.deposits.size() == 1);
  REQUIRE(pair.active->start(pair.outcomes, &handed.value(), &pair.deposits).ok());
  pair.open();
  pair.send(500);
  pair.all_arrive();
}

TEST_CASE("what cannot be given up goes on as if nobody had asked") {
  for (const Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
    CAPTURE(static_cast<int>(qos));
    Pair pair(qos, OutboxMode::when_needed);
    REQUIRE(eventually([&] { return pair.active->connected(); }));
    pair.send(500);
    pair.deposits.refuses = true;
    const auto refused =
        pair.active->suspend({std::chrono::steady_clock::now() + 10s, pair.other->clients()}, pair.deposits);
    CHECK_FALSE(refused.ok());
    pair.send(500);
    pair.all_arrive();
    pair.deposits.refuses = false;
    CHECK(deposited(pair.swap()));
    pair.send(500);
    pair.all_arrive();
  }
}

TEST_CASE("another outbox does not take the client over: what is in flight belongs to the first one") {
  Pair pair(Qos::at_least_once, OutboxMode::always);
  pair.other_settings.outbox.path = pair.directory / "another";
  pair.other = pair.make(pair.other_settings);
  REQUIRE(eventually([&] { return pair.active->connected(); }));
  pair.send(500);
  CHECK_FALSE(deposited(pair.swap()));
  CHECK(pair.active->outbox_status().at_least_once.waiting == 0);
  pair.send(500);
  pair.all_arrive();
}

}  // namespace kafka_events::test
