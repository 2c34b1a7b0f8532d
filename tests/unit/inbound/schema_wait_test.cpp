// Records that cannot be decoded yet, because a schema is not known: they wait, in order, and cost no attempt.
#include <doctest/doctest.h>
#include <set>
#include <thread>

#include "inbound/flow.h"
#include "inbound/retry_rules.h"
#include "transaction_fakes.h"

using namespace kafka_events;
using namespace std::chrono_literals;
using Answer = FakeBus::Answer;

namespace {

const TopicPartition zero{"in", 0};
const TopicPartition one{"in", 1};

/// What a schema registry knows, and what it says does not exist.
struct Schemas {
  std::set<char> known;
  std::set<char> wrong;
};

/// The schema of a value is its first character.
class SchemaCodec final : public Codec {
 public:
  explicit SchemaCodec(const Schemas& schemas) : schemas_(schemas) {}
  Result<Encoded> encode(const Event&, const EncodeContext&, EncodeBuffers&) const override { return Encoded{}; }
  Result<void> decode(const InboundRecord& record, DecodedEvent& out) const override {
    const char schema = record.value.front();
    if (schemas_.wrong.contains(schema)) return Error(ErrorCode::invalid, "there is no such schema");
    if (!schemas_.known.contains(schema)) return Error(ErrorCode::unavailable, "schema 7 is not known yet");
    out.payload = record.value.substr(1);
    return {};
  }
  [[nodiscard]] std::string_view content_type() const override { return {}; }
  [[nodiscard]] bool carries_identity() const override { return false; }

 private:
  const Schemas& schemas_;
};

struct Rig {
  Schemas schemas{{'a'}, {}};
  SilentLog log;
  FakeBus bus;
  RecordMaker records;
  FakeTransactionalSink sink;
  StatusEvents status;
  TransactionScope scope{sink, bus, status};
  FakeConsumer consumer{sink};
  config::WorkerSettings settings;
  std::unique_ptr<InboundFlow> flow;

  explicit Rig(config::Qos qos) {
    settings.name = "inbound";
    settings.qos = qos;
    settings.on_failure = config::OnFailure::skip;
    settings.retries = {.attempts = 2, .backoff = 1ms, .max_backoff = 1ms};
    sink.listener = &scope;
    const FlowParts parts{settings, "", bus, nullptr, log};
    auto maker = std::make_unique<EventMaker>(std::make_unique<SchemaCodec>(schemas), "", "");
    flow = qos == config::Qos::exactly_once ? make_transactional_flow(parts, std::move(maker), scope)
                                            : make_tracked_flow(parts, std::move(maker));
    flow->attach(&consumer);
    flow->on_assigned(std::vector{zero, one});
  }
  ~Rig() {
    flow.reset();
    while (bus.waiting() > 0) bus.complete_next(Outcome::done);
    CHECK(records.released == records.created);
  }
  void take(std::int64_t offset, std::string value, std::int32_t partition = 0) {
    flow->on_record(records.make("in", partition, offset, std::move(value)));
  }
  bool turn_until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!holds() && std::chrono::steady_clock::now() < deadline) flow->on_turn(std::chrono::steady_clock::now());
    return holds();
  }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const Published& each : bus.all) {
      if (!each.topic.starts_with("kafka_events::")) all.push_back(each.payload);
    }
    return all;
  }
  [[nodiscard]] bool rests(const TopicPartition& partition) const {
    return std::ranges::count(flow->paused_partitions(), partition) > 0;
  }
  /// Marks as they come; the newest of each partition.
  std::int64_t mark(const TopicPartition& partition) {
    for (const Watermark& each : flow->watermarks()) marks[each.partition] = each.next_offset;
    return marks.contains(partition) ? marks.at(partition) : -1;
  }
  std::map<TopicPartition, std::int64_t> marks;
};

constexpr std::array all_of_them{config::Qos::at_most_once, config::Qos::at_least_once, config::Qos::exactly_once};

}  // namespace

TEST_CASE("a record waits for its schema, those behind it wait too, other partitions go on") {
  for (const config::Qos qos : all_of_them) {
    CAPTURE(static_cast<int>(qos));
    Rig rig(qos);
    rig.take(0, "a0");
    rig.take(1, "b1");
    rig.take(2, "a2");
    rig.take(3, "b3");
    rig.take(0, "aX", 1);
    REQUIRE(rig.turn_until([&] { return rig.mark(zero) == 1 && rig.mark(one) == 1; }));
    CHECK(rig.turn_until([&] { return rig.rests(zero); }));
    CHECK_FALSE(rig.rests(one));
    CHECK(rig.payloads() == std::vector<std::string>{"0", "X"});
    CHECK(rig.flow->statistics().waiting_for_schema == 1);
    CHECK(rig.flow->statistics().waiting_reason == "record in:0:1 waits: schema 7 is not known yet");
    rig.schemas.known.insert('b');
    REQUIRE(rig.turn_until([&] { return rig.mark(zero) == 4; }));
    CHECK(rig.payloads() == std::vector<std::string>{"0", "X", "1", "2", "3"});
    const InboundStatistics counts = rig.flow->statistics();
    CHECK(counts.waiting_for_schema == 0);
    CHECK(counts.waiting_reason.empty());
    CHECK(counts.decode_failures == 0);
    CHECK(counts.retries == 0);
    CHECK(counts.skipped == 0);
    CHECK(counts.aborted_transactions == 0);
    CHECK(counts.done == 5);
    CHECK(counts.events == 5);
  }
}

TEST_CASE("it waits as long as it takes, whatever the attempts are, and is given up only when it cannot be read") {
  for (const config::Qos qos : all_of_them) {
    CAPTURE(static_cast<int>(qos));
    Rig rig(qos);
    rig.take(0, "b0");
    rig.take(1, "a1");
    const auto until = std::chrono::steady_clock::now() + 400ms;  // several tries: after 50, 150 and 350 ms
    CHECK(rig.turn_until([&] { return std::chrono::steady_clock::now() > until; }));
    CHECK(rig.payloads().empty());
    CHECK(rig.mark(zero) == -1);
    rig.schemas.wrong.insert('b');
    REQUIRE(rig.turn_until([&] { return rig.mark(zero) == 2; }));
    CHECK(rig.payloads() == std::vector<std::string>{"1"});
    CHECK(rig.flow->statistics().skipped == 1);
    CHECK(rig.flow->statistics().decode_failures == 1);
    CHECK(rig.flow->statistics().waiting_for_schema == 0);
  }
}

TEST_CASE("a handler that fails afterwards has all of its attempts") {
  for (const config::Qos qos : {config::Qos::at_least_once, config::Qos::exactly_once}) {
    CAPTURE(static_cast<int>(qos));
    Rig rig(qos);
    rig.bus.answer = [&](const Published& event) { return event.payload == "0" ? Answer::failed : Answer::done; };
    rig.take(0, "b0");
    REQUIRE(rig.turn_until([&] { return rig.rests(zero); }));
    rig.schemas.known.insert('b');
    REQUIRE(rig.turn_until([&] { return rig.mark(zero) == 1; }));
    CHECK(rig.payloads() == std::vector<std::string>{"0", "0"});
    CHECK(rig.flow->statistics().handler_failures == 2);
    CHECK(rig.flow->statistics().retries == 1);
    CHECK(rig.flow->statistics().skipped == 1);
  }
}

TEST_CASE("a partition that goes away takes what waits with it") {
  for (const config::Qos qos : all_of_them) {
    CAPTURE(static_cast<int>(qos));
    Rig rig(qos);
    rig.take(0, "b0");
    rig.take(1, "a1");
    REQUIRE(rig.turn_until([&] { return rig.rests(zero); }));
    CHECK(rig.flow->on_revoked(std::vector{zero}, std::chrono::steady_clock::now() + 1s).empty());
    CHECK(rig.flow->statistics().waiting_for_schema == 0);
    CHECK(rig.flow->paused_partitions().empty());
    rig.schemas.known.insert('b');
    rig.flow->on_assigned(std::vector{zero});
    rig.take(0, "b0");
    rig.take(1, "a1");
    REQUIRE(rig.turn_until([&] { return rig.mark(zero) == 2; }));
    CHECK(rig.payloads() == std::vector<std::string>{"0", "1"});
  }
}

TEST_CASE("another version of the module goes on waiting") {
  for (const config::Qos qos : {config::Qos::at_least_once, config::Qos::exactly_once}) {
    CAPTURE(static_cast<int>(qos));
    Rig old(qos);
    old.take(0, "a0");
    old.take(1, "b1");
    old.take(2, "a2");
    REQUIRE(old.turn_until([&] { return old.mark(zero) == 1 && old.rests(zero); }));
    old.flow->quiesce(true);
    REQUIRE(old.turn_until([&] { return old.flow->is_quiet(); }));
    WorkerHandover handover;
    handover.partitions.emplace_back().partition = zero;
    old.flow->hand_over(handover);
    CHECK(handover.partitions[0].next_offset == 1);

    Rig next(qos);
    next.flow->take_over_counters(handover);
    next.flow->take_over(handover.partitions);
    next.take(1, "b1");
    next.take(2, "a2");
    REQUIRE(next.turn_until([&] { return next.rests(zero); }));
    CHECK(next.payloads().empty());
    next.schemas.known.insert('b');
    REQUIRE(next.turn_until([&] { return next.mark(zero) == 3; }));
    CHECK(next.payloads() == std::vector<std::string>{"1", "2"});
    CHECK(next.flow->statistics().retries == 0);
  }
}

TEST_CASE("the pause grows to five seconds") {
  CHECK(pause_undecided(1) == 50ms);
  CHECK(pause_undecided(2) == 100ms);
  CHECK(pause_undecided(8) == 5s);
  CHECK(pause_undecided(4'000'000'000) == 5s);
}
