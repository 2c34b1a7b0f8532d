// Delivery reports become status events and completions.
#include <doctest/doctest.h>

#include "fakes.h"
#include "outbound/pipeline.h"

using namespace kafka_events;
using namespace kafka_events::test;
using Journal = std::vector<std::string>;

namespace {

struct Stand {
  FakeBus bus;
  FakeSink sink;
  FakeLog log;
  std::unique_ptr<OutboundPipeline> pipeline;

  explicit Stand(const std::vector<config::RouteSettings>& routes) {
    pipeline = std::move(OutboundPipeline::create(routes, "", bus, sink, log)).value();
    pipeline->open();
  }
  DeliveryReport delivered(const Event& event, std::string_view topic = "k", std::int64_t offset = 42) {
    DeliveryReport report;
    report.event = event.handle;
    report.topic = topic;
    report.partition = 3;
    report.offset = offset;
    report.delivered = true;
    report.latency_us = 1500;
    report.value_bytes = event.payload.size();
    return report;
  }
  DeliveryReport failed(const Event& event) {
    DeliveryReport report = delivered(event, "k", -1);
    report.delivered = false;
    report.partition = -1;
    report.failure = Failure::transient;
    report.reason = "timed out";
    return report;
  }
  void report(const std::vector<DeliveryReport>& reports) { pipeline->on_deliveries(reports); }
};

}  // namespace

TEST_CASE("a record that came from the outbox is announced from what is stored, and completes nothing") {
  Stand stand({route(".*")});
  const Event event = stand.bus.make("a", "{}", "w7");
  DeliveryReport report = stand.delivered(event);
  Event stored = event;
  stored.handle = nullptr;
  report.event = nullptr;
  report.number = 5;
  report.source = &stored;
  stand.report({report});
  CHECK(stand.bus.journal ==
        Journal{"publish a::sent_to_external_queue of ? event-id=id kafka-topic=k kafka-partition=3 kafka-offset=42"});
  CHECK(stand.bus.last_tenant == "w7");
  CHECK(stand.bus.last_payload == "{}");
  CHECK(stand.pipeline->statistics().routes[0].delivered == 1);
}

TEST_CASE("who hears of a delivery finds it counted") {
  Stand stand({route(".*")});
  std::vector<std::uint64_t> counted;
  stand.bus.on_publish = [&] { counted.push_back(stand.pipeline->statistics().routes[0].delivered); };
  const Event event = stand.bus.make("a");
  stand.report({stand.delivered(event), stand.delivered(event), stand.delivered(event)});
  CHECK(counted == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("a delivered event is announced first and completed then, in one call for the batch") {
  Stand stand({route(".*")});
  const Event first = stand.bus.make("a");
  const Event second = stand.bus.make("b");
  stand.report({stand.delivered(first), stand.delivered(second, "k2", -1)});
  CHECK(stand.bus.journal ==
        Journal{"publish a::sent_to_external_queue of a event-id=id kafka-topic=k kafka-partition=3 kafka-offset=42",
                "publish b::sent_to_external_queue of b event-id=id kafka-topic=k2 kafka-partition=3",
                "complete_many 2 0"});
  CHECK(stand.bus.last_tenant == "w1");
  CHECK(stand.pipeline->statistics().status_events == 2);
}

TEST_CASE("a failed event is announced as undeliverable, logged without its content, and completed as failed") {
  Stand stand({route(".*")});
  const Event event = stand.bus.make("a", "secret");
  stand.report({stand.failed(event), stand.delivered(stand.bus.make("b"))});
  CHECK(stand.bus.journal.at(0) == "publish a::undeliverable of a event-id=id reason=timed out kafka-topic=k");
  CHECK(stand.bus.journal.at(1) == "complete a 2 timed out");
  CHECK(stand.bus.journal.back() == "complete_many 1 0");
  REQUIRE(stand.log.lines.size() == 1);
  CHECK(stand.log.lines[0].find("reason=timed out") != std::string::npos);
  CHECK(stand.log.lines[0].find("secret") == std::string::npos);
}

TEST_CASE("nothing is published when nobody listens, and the bus is asked once a batch and topic") {
  Stand stand({route(".*")});
  stand.bus.listener_count = 0;
  const Event event = stand.bus.make("a");
  stand.report({stand.delivered(event), stand.delivered(event), stand.delivered(event)});
  CHECK(stand.bus.journal == Journal{"complete_many 3 0"});
  CHECK(stand.bus.listeners_asked == 1);
  stand.bus.listener_count = 1;
  stand.report({stand.delivered(event)});
  CHECK(stand.bus.journal.size() == 3);
}

TEST_CASE("the pipeline's own subscription is nobody who listens, unless its patterns do not reach status events") {
  Stand stand({route(".*")});
  REQUIRE(stand.pipeline->subscribe().ok());
  stand.bus.journal.clear();
  const Event event = stand.bus.make("a");
  stand.report({stand.delivered(event), stand.failed(event)});
  CHECK(stand.bus.journal == Journal{"complete a 2 timed out", "complete_many 1 0"});
  stand.bus.listener_count = 2;
  stand.report({stand.delivered(event)});
  CHECK(stand.bus.journal.at(2).starts_with("publish a::sent_to_external_queue"));
  stand.pipeline->unsubscribe();
  stand.bus.listener_count = 1;
  stand.bus.journal.clear();
  stand.report({stand.failed(event)});
  CHECK(stand.bus.journal.at(0).starts_with("publish a::undeliverable"));

  Stand exact({route("a$")});
  REQUIRE(exact.pipeline->subscribe().ok());
  exact.bus.journal.clear();
  exact.report({exact.delivered(exact.bus.make("a"))});
  CHECK(exact.bus.journal.at(0).starts_with("publish a::sent_to_external_queue"));
}

TEST_CASE("status events can be switched off") {
  config::RouteSettings settings = route(".*");
  settings.status_events = false;
  Stand stand({settings});
  const Event event = stand.bus.make("a");
  stand.report({stand.delivered(event), stand.failed(event)});
  CHECK(stand.bus.journal == Journal{"complete a 2 timed out", "complete_many 1 0"});
  CHECK(stand.pipeline->statistics().routes[0].delivered == 1);
  CHECK(stand.pipeline->statistics().routes[0].failed == 1);
}

TEST_CASE("a status event that cannot be published is counted and the completion comes all the same") {
  Stand stand({route(".*")});
  stand.bus.publish_fails = true;
  stand.report({stand.delivered(stand.bus.make("a"))});
  CHECK(stand.bus.journal.back() == "complete_many 1 0");
  CHECK(stand.pipeline->statistics().status_failures == 1);
  CHECK(stand.pipeline->statistics().status_events == 0);
}

TEST_CASE("large batches are completed in a few calls") {
  Stand stand({route(".*")});
  stand.bus.listener_count = 0;
  const Event event = stand.bus.make("a");
  stand.report(std::vector<DeliveryReport>(600, stand.delivered(event)));
  CHECK(stand.bus.journal == Journal{"complete_many 256 0", "complete_many 256 0", "complete_many 88 0"});
  stand.bus.journal.clear();
  stand.report({});
  CHECK(stand.bus.journal.empty());
}

TEST_CASE("reports of one event on several routes are counted where they belong") {
  config::RouteSettings first = route(".*");
  first.topic = "audit";
  first.continue_matching = true;
  first.status_events = false;
  config::RouteSettings second = route(".*");
  second.topic = "by-{tenant}";
  Stand stand({first, second});
  const Event event = stand.bus.make("a");
  stand.report({stand.delivered(event, "audit"), stand.delivered(event, "by-w1"), stand.delivered(event, "by-w1")});
  const OutboundStatistics statistics = stand.pipeline->statistics();
  CHECK(statistics.routes[0].delivered == 1);
  CHECK(statistics.routes[1].delivered == 2);
  CHECK(statistics.status_events == 2);
  CHECK(stand.bus.journal.back() == "complete_many 3 0");
}

TEST_CASE("a report for an event that no route takes any more is completed") {
  Stand stand({route("now::.*")});
  stand.report({stand.delivered(stand.bus.make("before"))});
  CHECK(stand.bus.journal == Journal{"complete_many 1 0"});
}

TEST_CASE("latency and bytes are counted") {
  Stand stand({route(".*")});
  const Event event = stand.bus.make("a", "12345");
  DeliveryReport report = stand.delivered(event);
  report.latency_us = 1000;  // on a bound: in that bucket
  DeliveryReport late = report;
  late.latency_us = 100'000'000;
  DeliveryReport clock_went_back = report;
  clock_went_back.latency_us = -5;
  stand.report({report, late, clock_went_back});
  const RouteStatistics statistics = stand.pipeline->statistics().routes[0];
  CHECK(statistics.delivered == 3);
  CHECK(statistics.bytes == 15);
  CHECK(statistics.latency.count == 3);
  CHECK(statistics.latency.sum_us == 100'001'000);
  CHECK(statistics.latency.buckets[0] == 1);
  CHECK(statistics.latency.buckets[1] == 1);
  CHECK(statistics.latency.buckets.back() == 1);
}

namespace {

class EmptyRegistry final : public SchemaRegistry {
 public:
  Result<SchemaPointer> by_id(std::uint32_t) override { return Error(ErrorCode::not_found, "no such id"); }
  Result<SchemaPointer> by_subject(const SubjectRequest&) override {
    return Error(ErrorCode::not_found, "no such subject");
  }
};

}  // namespace

TEST_CASE("where the codec names its messages, every delivery report says the name") {
  config::RouteSettings avro = route(".*");
  avro.codec = config::CodecKind::avro;
  avro.schema.value_schema = R"({"type": "record", "name": "control.Ticket", "fields": []})";
  FakeBus bus;
  FakeSink sink;
  FakeLog log;
  EmptyRegistry registry;
  OutboundParts further;
  further.codecs.registry = &registry;
  const auto pipeline = std::move(OutboundPipeline::create({&avro, 1}, "", bus, sink, log, further)).value();
  pipeline->open();
  const Event event = bus.make("a");
  DeliveryReport report;
  report.event = event.handle;
  report.topic = "a";
  report.partition = 1;
  report.offset = 7;
  report.delivered = true;
  pipeline->on_deliveries({&report, 1});
  CHECK(bus.journal[0] == "publish a::sent_to_external_queue of a event-id=id kafka-topic=a kafka-partition=1 " +
                              std::string("kafka-offset=7 message-name=control.Ticket"));
  bus.journal.clear();
  report.delivered = false;
  report.reason = "timed out";
  pipeline->on_deliveries({&report, 1});
  CHECK(bus.journal[0] ==
        "publish a::undeliverable of a event-id=id reason=timed out kafka-topic=a message-name=control.Ticket");
  bus.journal.clear();
  CHECK(pipeline->on_event(event) == HandlerAnswer::failed);  // the registry does not have the schema
  REQUIRE(bus.journal.size() == 1);
  CHECK(bus.journal[0].ends_with("message-name=control.Ticket"));
}
