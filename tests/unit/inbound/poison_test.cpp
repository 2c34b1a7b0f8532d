// Records that die must neither hold up the others nor be lost because they are large.
#include <doctest/doctest.h>

#include "fakes.h"
#include "inbound/dead_letter_writer.h"
#include "inbound/pipeline.h"

using namespace kafka_events;
using namespace std::chrono_literals;
using Answer = FakeBus::Answer;

namespace {

const TopicPartition zero{"in", 0};

struct NumberSink final : RecordSink {
  Result<TopicId> open_topic(std::string_view name) override {
    topic = name;
    return TopicId{0};
  }
  SendStatus send(const OutboundRecord& record) noexcept override {
    if (next != SendStatus::accepted) return next;
    events.push_back(record.event);
    numbers.push_back(record.number);
    value = record.value;
    headers.clear();
    for (const Header& header : record.headers) headers.emplace_back(header.name, header.value);
    return SendStatus::accepted;
  }
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord&) const override { return "why it was refused"; }

  std::string topic, value;
  std::vector<EventHandle> events;
  std::vector<std::uint64_t> numbers;
  std::vector<std::pair<std::string, std::string>> headers;
  SendStatus next = SendStatus::accepted;
};

struct Rig {
  Rig() {
    settings.name = "inbound";
    settings.codec = config::CodecKind::envelope;
    settings.retries = {1, 10ms, 10ms};
    writer = std::move(DeadLetterWriter::create(
                           bus, sink, [](DeliveryListener&) { return Result<void>(); }, log))
                 .value();
    REQUIRE(writer->start());
    pipeline = std::move(InboundPipeline::create(settings, "", bus, writer.get(), log)).value();
    pipeline->on_assigned(std::span(&zero, 1));
  }
  void report(bool delivered) {
    DeliveryReport report;
    report.event = sink.events.back();
    report.number = sink.numbers.back();
    report.delivered = delivered;
    report.reason = delivered ? "" : "no broker";
    writer->on_deliveries(std::span(&report, 1));
  }
  std::int64_t mark() {
    for (const Watermark& each : pipeline->watermarks()) watermark = each.next_offset;
    return watermark;
  }

  config::WorkerSettings settings;
  SilentLog log;
  FakeBus bus;
  NumberSink sink;
  RecordMaker records;
  std::int64_t watermark = -1;
  std::unique_ptr<DeadLetterWriter> writer;
  std::unique_ptr<InboundPipeline> pipeline;
};

}  // namespace

TEST_CASE("while a dead letter is on its way, its partition goes on; the offset waits") {
  Rig rig;
  rig.pipeline->on_record(rig.records.make("in", 0, 0, "{not json"));
  REQUIRE(rig.sink.events.size() == 1);
  CHECK(rig.pipeline->paused_partitions().empty());
  rig.pipeline->on_record(rig.records.make("in", 0, 1, R"({"payload": 1})"));
  CHECK(rig.pipeline->statistics().done == 1);
  CHECK(rig.mark() == -1);
  rig.report(true);
  CHECK(rig.mark() == 2);
}

TEST_CASE("a dead letter that could not be written holds its partition") {
  Rig rig;
  rig.pipeline->on_record(rig.records.make("in", 0, 0, "{not json"));
  rig.report(false);
  CHECK(rig.pipeline->paused_partitions().size() == 1);
  CHECK(rig.mark() == -1);
}

TEST_CASE("what is too large for the bus becomes a dead letter all the same, past the bus") {
  Rig rig;
  rig.bus.answer = [](const Published&) { return Answer::refuse_too_large; };
  const std::string value = R"({"payload": ")" + std::string(2 << 20, 'x') + "\"}";
  rig.pipeline->on_record(rig.records.make("in", 0, 5, value));
  REQUIRE(rig.sink.events.size() == 1);
  CHECK(rig.sink.events[0] == nullptr);
  CHECK(rig.sink.numbers[0] > 0);
  CHECK(rig.sink.topic == "dlq-in");
  CHECK(rig.sink.value == value);
  CHECK(rig.sink.headers.back().second == "refused");
  CHECK(rig.mark() == -1);
  rig.report(true);
  CHECK(rig.mark() == 6);
  CHECK(rig.pipeline->statistics().dead_lettered == 1);
}

TEST_CASE("a large dead letter that is refused is tried again with its reason, and stops the partition in the end") {
  Rig rig;
  rig.bus.answer = [](const Published&) { return Answer::refuse_too_large; };
  rig.sink.next = SendStatus::too_large;
  rig.pipeline->on_record(rig.records.make("in", 0, 5, R"({"payload": ")" + std::string(2 << 20, 'x') + "\"}"));
  const InboundStatistics statistics = rig.pipeline->statistics();
  CHECK(statistics.dead_letter_failures == 1);
  CHECK(statistics.stopped == std::vector{zero});
  CHECK(statistics.reason.find("why it was refused") != std::string::npos);
}
