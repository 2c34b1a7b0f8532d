// Records that come back, and what their events say of where they come from.
#include <algorithm>
#include <doctest/doctest.h>

#include "core/cause.h"
#include "transaction_fakes.h"

using namespace kafka_events;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

InboundParts guarded(std::uint32_t max_hops = 3, bool accept_own = false) {
  InboundParts parts;
  parts.loop_guard = {"alice", max_hops, accept_own};
  return parts;
}

config::WorkerSettings worker(config::Qos qos = config::Qos::at_least_once) {
  config::WorkerSettings settings;
  settings.name = "inbound";
  settings.qos = qos;
  settings.on_failure = config::OnFailure::skip;
  return settings;
}

/// The cause that a handler on the consumer's thread sees.
struct SeenCause {
  std::string record_id, origin, correlation_id, trace_parent;
  std::uint32_t hops = 0;
};

struct Rig {
  SilentLog log;
  FakeBus bus;
  RecordMaker records;
  FakeTransactionalSink sink;
  StatusEvents status;
  TransactionScope scope{sink, bus, status};
  FakeConsumer consumer{sink};
  std::unique_ptr<InboundPipeline> pipeline;
  std::vector<SeenCause> causes;

  explicit Rig(const config::WorkerSettings& settings = worker(), const InboundParts& parts = guarded(),
               std::string_view prefix = "") {
    sink.listener = &scope;
    auto made = InboundPipeline::create(settings, prefix, bus, nullptr, log, &scope, parts);
    REQUIRE(made.ok());
    pipeline = std::move(made).value();
    pipeline->attach(&consumer);
    pipeline->on_assigned(std::vector<TopicPartition>{{"in", 0}, {"pre-in", 0}});
    bus.answer = [this](const Published&) {
      if (const Cause* cause = current_cause()) {
        causes.push_back({std::string(cause->record_id), std::string(cause->origin), std::string(cause->correlation_id),
                          std::string(cause->trace_parent), cause->hops});
      }
      return FakeBus::Answer::done;
    };
  }
  ~Rig() {
    pipeline.reset();
    CHECK(records.released == records.created);
    CHECK(current_cause() == nullptr);
  }
  void take(std::int64_t offset, Pairs headers, std::string topic = "in") {
    pipeline->on_record(records.make(std::move(topic), 0, offset, "{}", std::move(headers)));
  }
  std::int64_t mark() {
    for (int turn = 0; turn < 50; ++turn) pipeline->on_turn(std::chrono::steady_clock::now());
    std::int64_t found = -1;
    for (const Watermark& each : pipeline->watermarks()) found = std::max(found, each.next_offset);
    return found;
  }
};

}  // namespace

TEST_CASE("own records are passed over and counted, looping ones end with an announcement") {
  for (const config::Qos qos : {config::Qos::at_most_once, config::Qos::at_least_once, config::Qos::exactly_once}) {
    CAPTURE(static_cast<int>(qos));
    Rig rig(worker(qos));
    rig.take(0, {{"agent-origin", "alice"}, {"agent-hops", "1"}});
    rig.take(1, {{"agent-origin", "bob"}, {"agent-hops", "3"}});
    rig.take(2, {{"agent-origin", "bob"}, {"agent-hops", "2"}});
    rig.take(3, {});
    CHECK(rig.mark() == 4);
    const InboundStatistics counts = rig.pipeline->statistics();
    CHECK(counts.own == 1);
    CHECK(counts.loops_ended == 1);
    CHECK(counts.done == 2);
    CHECK(counts.skipped == 0);
    const auto announced = std::ranges::find(rig.bus.all, "kafka_events::loop_ended", &Published::topic);
    REQUIRE(announced != rig.bus.all.end());
    CHECK(announced->id == "in:0:1");
    CHECK(rig.log.lines().size() == 1);
    CHECK(rig.log.lines()[0].find("in:0:1") != std::string::npos);
    WorkerHandover to;
    rig.pipeline->hand_over(to);
    CHECK(std::ranges::any_of(to.counters,
                              [](const auto& each) { return each.name == "inbound.own" && each.value == 1; }));
  }
}

TEST_CASE("accept_own lets own records in, up to the hops") {
  Rig rig(worker(), guarded(3, true));
  rig.take(0, {{"agent-origin", "alice"}, {"agent-hops", "2"}});
  rig.take(1, {{"agent-origin", "alice"}, {"agent-hops", "3"}});
  CHECK(rig.mark() == 2);
  CHECK(rig.pipeline->statistics().own == 0);
  CHECK(rig.pipeline->statistics().done == 1);
  CHECK(rig.pipeline->statistics().loops_ended == 1);
}

TEST_CASE("without an origin nothing is ours, and headers stay as they are") {
  Rig rig(worker(), InboundParts{});
  rig.take(0, {{"agent-origin", "alice"}});
  CHECK(rig.mark() == 1);
  CHECK(rig.bus.all[0].headers == Pairs{{"agent-origin", "alice"}});
}

TEST_CASE("handlers on this thread have the record as their cause, and headers that carry it elsewhere") {
  for (const config::Qos qos : {config::Qos::at_least_once, config::Qos::exactly_once}) {
    CAPTURE(static_cast<int>(qos));
    Rig rig(worker(qos));
    rig.take(7, {{"agent-origin", "bob"},
                 {"x", "1"},
                 {"agent-hops", "2"},
                 {"traceparent", "00-1"},
                 {"agent-reply-to", "acapy::whatever"}});
    CHECK(rig.mark() == 8);
    REQUIRE(rig.causes.size() == 1);
    CHECK(rig.causes[0].record_id == "in:0:7");
    CHECK(rig.causes[0].origin == "bob");
    CHECK(rig.causes[0].hops == 2);
    CHECK(rig.causes[0].trace_parent == "00-1");
    CHECK(rig.bus.all[0].headers ==
          Pairs{{"x", "1"}, {"traceparent", "00-1"}, {"agent-hops", "2"}, {"agent-origin", "bob"}});
  }
}

TEST_CASE("a request's event says where to answer") {
  Rig rig;
  const auto answer_on = [&](std::int64_t offset, const Pairs& headers) {
    rig.take(offset, headers);
    std::string found = "(none)";
    for (const auto& [name, value] : rig.bus.all.back().headers) {
      if (name == "agent-reply-to") found = value;
    }
    return found;
  };
  CHECK(answer_on(0, {{"kafka_replyTopic", "answers"}}) == "kafka_events::reply::answers");
  CHECK(answer_on(1, {{"kafka_correlationId", "c"}}) == "kafka_events::reply::in.reply");
  CHECK(answer_on(2, {{"kafka_replyTopic", "not a topic"}}) == "kafka_events::reply::in.reply");
  CHECK(answer_on(3, {{"x", "1"}}) == "(none)");
  CHECK(rig.causes[1].correlation_id == "c");
}

TEST_CASE("reply topics are those that are allowed, and the worker's own has the prefix") {
  InboundParts parts = guarded();
  parts.requests.allowed_reply_topics = "answers-.*";
  config::WorkerSettings settings = worker();
  settings.reply_to = "r.{topic}";
  Rig rig(settings, parts, "pre-");
  rig.take(0, {{"kafka_replyTopic", "answers-1"}}, "pre-in");
  rig.take(1, {{"kafka_replyTopic", "secrets"}}, "pre-in");
  CHECK(rig.bus.all[0].headers.back().second == "kafka_events::reply::answers-1");
  CHECK(rig.bus.all[1].headers.back().second == "kafka_events::reply::pre-r.in");

  settings.reply_to = "";
  Rig silent(settings, parts);
  silent.take(0, {{"kafka_correlationId", "c"}});
  CHECK(silent.bus.all[0].headers == Pairs{{"kafka_correlationId", "c"}, {"agent-hops", "0"}});
}

TEST_CASE("a worker whose codec cannot be made says where it is written") {
  SilentLog log;
  FakeBus bus;
  config::WorkerSettings settings = worker();
  settings.codec = config::CodecKind::avro;
  settings.place = {"agent.yaml", 9, 3, "kafka_events.workers.audit"};
  const auto made = InboundPipeline::create(settings, "", bus, nullptr, log);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().message.find("agent.yaml:9:3: codec avro needs a schema_registry") != std::string::npos);
}
