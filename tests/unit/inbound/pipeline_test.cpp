// The whole way in on a fake bus: what moves the offset, what holds it, and what becomes of records that fail.
#include "inbound/pipeline.h"

#include <doctest/doctest.h>

#include "fakes.h"
#include "inbound/dead_letter_writer.h"

using namespace kafka_events;
using namespace std::chrono_literals;
using Answer = FakeBus::Answer;

namespace {

const TopicPartition zero{"in", 0};
const TopicPartition one{"in", 1};

struct FakeSink final : RecordSink {
  struct Sent {
    std::string topic, key, value;
    bool null_value;
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t timestamp_ms;
    EventHandle event;
  };
  std::vector<std::string> topics;
  std::vector<Sent> sent;
  SendStatus next = SendStatus::accepted;

  Result<TopicId> open_topic(std::string_view name) override {
    topics.emplace_back(name);
    return TopicId(topics.size() - 1);
  }
  SendStatus send(const OutboundRecord& record) noexcept override {
    if (next != SendStatus::accepted) return next;
    sent.push_back({topics[static_cast<std::size_t>(record.topic)],
                    std::string(record.key),
                    std::string(record.value),
                    is_null(record.value),
                    {},
                    record.timestamp_ms,
                    record.event});
    for (const Header& header : record.headers) sent.back().headers.emplace_back(header.name, header.value);
    return SendStatus::accepted;
  }
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord&) const override { return "refused"; }
};

struct Rig {
  SilentLog log;
  FakeBus bus;
  FakeSink sink;
  RecordMaker records;
  int opened = 0;
  std::unique_ptr<DeadLetterWriter> writer;
  std::unique_ptr<InboundPipeline> pipeline;
  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();

  explicit Rig(config::WorkerSettings settings = {}) {
    settings.name = "inbound";
    settings.retries.backoff = 100ms;
    settings.retries.max_backoff = 300ms;
    auto made_writer = DeadLetterWriter::create(
        bus, sink,
        [this](DeliveryListener&) {
          ++opened;
          return Result<void>();
        },
        log);
    REQUIRE(made_writer.ok());
    writer = std::move(made_writer).value();
    REQUIRE(writer->start().ok());
    auto made = InboundPipeline::create(settings, "", bus, writer.get(), log);
    REQUIRE(made.ok());
    pipeline = std::move(made).value();
    pipeline->on_assigned(std::vector{zero, one});
  }
  ~Rig() {
    pipeline.reset();
    while (bus.waiting() > 0) bus.complete_next(Outcome::done);
    CHECK(records.released == records.created);
  }

  void take(std::int64_t offset, std::int32_t partition = 0, std::string value = "{}") {
    pipeline->on_record(records.make("in", partition, offset, std::move(value), {{"h", "v"}}));
  }
  /// Lets the clock run, turning as the consumer does.
  void pass(std::chrono::milliseconds time) {
    for (const auto end = now + time; now < end; now += 10ms) pipeline->on_turn(now);
  }
  std::int64_t mark(const TopicPartition& partition) {
    std::int64_t found = -1;
    for (const Watermark& each : pipeline->watermarks()) {
      if (each.partition == partition) found = each.next_offset;
    }
    return found;
  }
};

config::WorkerSettings on_failure(config::OnFailure what, std::uint32_t attempts = 3) {
  config::WorkerSettings settings;
  settings.on_failure = what;
  settings.retries.attempts = attempts;
  return settings;
}

}  // namespace

TEST_CASE("a record becomes an event without a copy, and its offset moves when the handlers are done") {
  Rig rig;
  rig.bus.answer = [](const Published&) { return Answer::later; };
  rig.take(0);
  rig.take(1);
  CHECK(rig.bus.all[0].zero_copy);
  CHECK(rig.pipeline->in_flight() == 2);
  CHECK(rig.mark(zero) == -1);
  rig.bus.complete_next(Outcome::done, 1);
  CHECK(rig.mark(zero) == -1);
  rig.bus.complete_next(Outcome::done);
  CHECK(rig.mark(zero) == 2);
  CHECK(rig.pipeline->in_flight() == 0);
  CHECK(rig.pipeline->statistics().done == 2);
}

TEST_CASE("a failed record is tried again with a growing pause while its partition rests and the others flow") {
  Rig rig;
  int attempts = 0;
  rig.bus.answer = [&](const Published& event) {
    return event.id == "in:0:0" && ++attempts < 3 ? Answer::failed : Answer::done;
  };
  rig.take(0, 0, "the value");
  rig.pipeline->on_turn(rig.now);
  CHECK(rig.pipeline->paused_partitions() == std::vector{zero});
  rig.take(0, 1);
  CHECK(rig.mark(one) == 1);
  rig.pass(90ms);
  CHECK(attempts == 1);
  rig.pass(30ms);
  CHECK(attempts == 2);
  rig.pass(150ms);
  CHECK(attempts == 2);
  rig.pass(80ms);
  CHECK(attempts == 3);
  CHECK(rig.mark(zero) == 1);
  CHECK(rig.pipeline->paused_partitions().empty());
  CHECK(rig.bus.all.back().payload == "the value");
  CHECK(rig.bus.all.back().headers[0] == std::pair<std::string, std::string>("h", "v"));
  const InboundStatistics statistics = rig.pipeline->statistics();
  CHECK(statistics.retries == 2);
  CHECK(statistics.handler_failures == 2);
}

TEST_CASE("a busy handler is tried again too") {
  Rig rig;
  bool busy = true;
  rig.bus.answer = [&](const Published&) { return std::exchange(busy, false) ? Answer::busy : Answer::done; };
  rig.take(0);
  rig.pass(150ms);
  CHECK(rig.mark(zero) == 1);
}

TEST_CASE("skip: after the last attempt the offset moves on, counted, logged and announced") {
  Rig rig(on_failure(config::OnFailure::skip, 2));
  rig.bus.answer = [](const Published& event) {
    return event.topic == "kafka_events::skipped" ? Answer::done : Answer::failed;
  };
  rig.take(7, 0, "secret payload");
  rig.pass(300ms);
  CHECK(rig.mark(zero) == 8);
  CHECK(rig.pipeline->statistics().skipped == 1);
  CHECK(rig.pipeline->statistics().handler_failures == 2);
  CHECK(rig.bus.all.back().topic == "kafka_events::skipped");
  CHECK(rig.bus.all.back().id == "in:0:7");
  bool logged = false;
  for (const std::string& line : rig.log.lines()) {
    logged = logged || line.find("in:0:7") != std::string::npos;
    CHECK(line.find("secret") == std::string::npos);
    CHECK(line.find("wallet-1") == std::string::npos);
  }
  CHECK(logged);
}

TEST_CASE("stop: the partition rests for good, uncommitted, and says why") {
  Rig rig(on_failure(config::OnFailure::stop, 1));
  rig.bus.answer = [](const Published&) { return Answer::failed; };
  rig.take(7);
  rig.pass(20ms);
  CHECK(rig.mark(zero) == -1);
  CHECK(rig.pipeline->paused_partitions() == std::vector{zero});
  InboundStatistics statistics = rig.pipeline->statistics();
  CHECK(statistics.stopped == std::vector{zero});
  CHECK(statistics.reason.find("in:0:7") != std::string::npos);
  CHECK(rig.pipeline->on_revoked(std::vector{zero}, rig.now).empty());
  CHECK(rig.pipeline->statistics().stopped.empty());
}

TEST_CASE("dead letter: only the broker's acknowledgement lets the offset move") {
  Rig rig(on_failure(config::OnFailure::dead_letter, 1));
  rig.bus.answer = [](const Published& event) {
    return event.topic.starts_with("kafka_events::") ? Answer::done : Answer::failed;
  };
  CHECK(rig.bus.subscribed == "^kafka_events::dead_letter::");
  rig.take(7, 0, "the value");
  rig.pass(20ms);
  REQUIRE(rig.sink.sent.size() == 1);
  CHECK(rig.opened == 1);
  const FakeSink::Sent& sent = rig.sink.sent[0];
  CHECK(sent.topic == "dlq-in");
  CHECK(sent.key == "wallet-1");
  CHECK(sent.value == "the value");
  CHECK(sent.timestamp_ms == 1700000000123);
  REQUIRE(sent.headers.size() == 8);
  CHECK(sent.headers[0] == std::pair<std::string, std::string>("h", "v"));
  CHECK(sent.headers[1] == std::pair<std::string, std::string>("__connect.errors.topic", "in"));
  CHECK(sent.headers[3] == std::pair<std::string, std::string>("__connect.errors.offset", "7"));
  CHECK(sent.headers[4] == std::pair<std::string, std::string>("__connect.errors.stage", "handle"));
  CHECK(sent.headers[5] == std::pair<std::string, std::string>("__connect.errors.connector.name", "inbound"));
  CHECK(sent.headers[7].second == "boom");
  CHECK(rig.mark(zero) == -1);
  DeliveryReport report;
  report.event = sent.event;
  report.delivered = true;
  rig.writer->on_deliveries(std::span(&report, 1));
  CHECK(rig.mark(zero) == 8);
  CHECK(rig.pipeline->statistics().dead_lettered == 1);
  CHECK(rig.pipeline->statistics().done == 0);
}

TEST_CASE("dead letter: a write that fails is tried again, and stops the partition in the end") {
  Rig rig(on_failure(config::OnFailure::dead_letter, 2));
  rig.bus.answer = [](const Published&) { return Answer::failed; };
  rig.take(7);
  rig.pass(150ms);
  for (std::size_t attempt = 1; attempt <= 2; ++attempt) {
    REQUIRE(rig.sink.sent.size() == attempt);
    DeliveryReport report;
    report.event = rig.sink.sent.back().event;
    report.reason = "no broker";
    rig.writer->on_deliveries(std::span(&report, 1));
    rig.pass(150ms);
  }
  CHECK(rig.sink.sent.size() == 2);
  CHECK(rig.mark(zero) == -1);
  const InboundStatistics statistics = rig.pipeline->statistics();
  CHECK(statistics.dead_letter_failures == 2);
  CHECK(statistics.stopped == std::vector{zero});
}

TEST_CASE("dead letter: without its writer nothing counts as written") {
  Rig rig(on_failure(config::OnFailure::dead_letter, 1));
  rig.writer->stop();
  rig.bus.answer = [](const Published& event) {
    return event.topic.starts_with("kafka_events::") ? Answer::done : Answer::failed;
  };
  rig.take(7);
  rig.pass(50ms);
  CHECK(rig.mark(zero) == -1);
  CHECK(rig.pipeline->statistics().stopped == std::vector{zero});
}

TEST_CASE("what can't be decoded is given up at once") {
  config::WorkerSettings settings = on_failure(config::OnFailure::dead_letter, 5);
  settings.codec = config::CodecKind::envelope;
  Rig rig(settings);
  rig.take(7, 0, "no envelope");
  REQUIRE(rig.sink.sent.size() == 1);
  CHECK(rig.sink.sent[0].value == "no envelope");
  CHECK(rig.pipeline->statistics().decode_failures == 1);
  CHECK(rig.pipeline->statistics().retries == 0);
}

TEST_CASE("a record that the bus refuses: too large is given up, a host that ends stops the partition") {
  Rig rig(on_failure(config::OnFailure::skip, 5));
  rig.bus.answer = [](const Published& event) {
    return event.topic.starts_with("kafka_events::") ? Answer::done : Answer::refuse_too_large;
  };
  rig.take(0, 0, std::string(2U << 20, 'x'));
  CHECK(rig.mark(zero) == 1);
  CHECK(rig.pipeline->statistics().skipped == 1);
  rig.bus.answer = [](const Published&) { return Answer::refuse; };
  rig.take(1);
  CHECK(rig.mark(zero) == -1);
  CHECK(rig.pipeline->statistics().stopped == std::vector{zero});
}

TEST_CASE("at most once: the offset moves before the handlers are done, and nothing is tried again") {
  config::WorkerSettings settings;
  settings.qos = config::Qos::at_most_once;
  Rig rig(settings);
  rig.bus.answer = [](const Published&) { return Answer::later; };
  rig.take(0);
  CHECK(rig.mark(zero) == 1);
  rig.bus.complete_next(Outcome::failed);
  rig.pass(500ms);
  CHECK(rig.bus.all.size() == 1);
  CHECK(rig.pipeline->statistics().handler_failures == 1);
}

TEST_CASE("too much in flight: all rest until half of it is done") {
  config::WorkerSettings settings;
  settings.max_in_flight = 4;
  Rig rig(settings);
  rig.bus.answer = [](const Published&) { return Answer::later; };
  for (std::int64_t offset = 0; offset < 3; ++offset) rig.take(offset);
  CHECK_FALSE(rig.pipeline->wants_pause());
  rig.take(3);
  CHECK(rig.pipeline->wants_pause());
  rig.bus.complete_next(Outcome::done);
  CHECK(rig.pipeline->wants_pause());
  rig.bus.complete_next(Outcome::done);
  CHECK_FALSE(rig.pipeline->wants_pause());
}

TEST_CASE("a revoked partition gives its last watermark; what ends later moves nothing") {
  Rig rig;
  rig.bus.answer = [](const Published& event) { return event.id == "in:0:0" ? Answer::done : Answer::later; };
  rig.take(0);
  rig.take(1);
  const auto last = rig.pipeline->on_revoked(std::vector{zero}, std::chrono::steady_clock::now() + 20ms);
  REQUIRE(last.size() == 1);
  CHECK(last[0].next_offset == 1);
  rig.pipeline->on_assigned(std::vector{zero});
  rig.bus.complete_next(Outcome::done);
  CHECK(rig.mark(zero) == -1);
  rig.take(1);
  rig.bus.complete_next(Outcome::done);
  CHECK(rig.mark(zero) == 2);
}

TEST_CASE("a retry that waits when its partition goes is dropped, uncommitted") {
  Rig rig;
  rig.bus.answer = [](const Published&) { return Answer::failed; };
  rig.take(0);
  rig.pass(20ms);
  CHECK(rig.pipeline->on_revoked(std::vector{zero}, rig.now).empty());
  rig.pass(500ms);
  CHECK(rig.bus.all.size() == 1);
}

TEST_CASE("records of partitions that are not ours, and duplicates, are let go") {
  Rig rig;
  rig.take(0, 9);
  rig.take(5);
  rig.take(5);
  CHECK(rig.bus.all.size() == 1);
}
