// Events on their way out: answers, accounting, the closed state.
#include "outbound/pipeline.h"

#include <doctest/doctest.h>

#include "fakes.h"

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
    auto created = OutboundPipeline::create(routes, "", bus, sink, log);
    REQUIRE(created.ok());
    pipeline = std::move(created).value();
    pipeline->open();
  }
};

config::RouteSettings to(const char* topic, bool continues = false) {
  config::RouteSettings settings = route(".*");
  settings.name = topic;
  settings.topic = topic;
  settings.continue_matching = continues;
  return settings;
}

}  // namespace

TEST_CASE("an accepted event is answered with later and not completed yet") {
  Stand stand({route()});
  CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::message")) == HandlerAnswer::later);
  REQUIRE(stand.sink.records.size() == 1);
  CHECK(stand.sink.records[0].topic == "acapy-outbound-message");
  CHECK(stand.bus.journal.empty());
  CHECK(stand.pipeline->statistics().routes[0].sent == 1);
  CHECK(stand.pipeline->statistics().routes[0].matched == 1);
}

TEST_CASE("an event that no route matches is done") {
  Stand stand({route()});
  CHECK(stand.pipeline->on_event(stand.bus.make("other")) == HandlerAnswer::done);
  CHECK(stand.sink.records.empty());
  CHECK(stand.pipeline->statistics().routes[0].matched == 0);
}

TEST_CASE("what this plugin published itself does not go out again") {
  Stand stand({route()});
  Event event = stand.bus.make("acapy::outbound::message");
  event.published_by_us = true;
  CHECK(stand.pipeline->on_event(event) == HandlerAnswer::done);
  CHECK(stand.sink.records.empty());
}

TEST_CASE("status events never go out, whoever published them") {
  Stand stand({route(".*")});
  for (const char* topic : {"acapy::outbound::message::sent_to_external_queue", "acapy::outbound::x::undeliverable"}) {
    CHECK(stand.pipeline->on_event(stand.bus.make(topic)) == HandlerAnswer::done);
  }
  CHECK(stand.sink.records.empty());
}

TEST_CASE("a full queue is busy, without a status event") {
  Stand stand({route()});
  stand.sink.answers = {SendStatus::full};
  CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::message")) == HandlerAnswer::busy);
  CHECK(stand.bus.journal.empty());
  CHECK(stand.pipeline->statistics().routes[0].busy == 1);
}

TEST_CASE("what cannot be sent fails and is announced with the reason") {
  Stand stand({route()});
  SUBCASE("refused") {
    stand.sink.answers = {SendStatus::refused};
    CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::x", "secret")) == HandlerAnswer::failed);
    CHECK(stand.bus.journal == Journal{"publish acapy::outbound::x::undeliverable of acapy::outbound::x event-id=id "
                                       "reason=the producer is stopped"});
  }
  SUBCASE("too large") {
    stand.sink.answers = {SendStatus::too_large};
    CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::x", "secret")) == HandlerAnswer::failed);
    CHECK(stand.bus.journal.at(0).ends_with("reason=the record is too large"));
  }
  SUBCASE("no Kafka topic can be made of it") {
    CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::a b", "secret")) == HandlerAnswer::failed);
    CHECK(stand.bus.journal.at(0).find("reason=Kafka topic: a space at position") != std::string::npos);
    CHECK(stand.sink.opened == 0);
  }
  CHECK(stand.bus.last_tenant == "w1");
  CHECK(stand.bus.last_payload == "secret");
  CHECK(stand.pipeline->statistics().routes[0].refused == 1);
  REQUIRE(stand.log.lines.size() == 1);
  CHECK(stand.log.lines[0].find("messaging.message.id=id") != std::string::npos);
  CHECK(stand.log.lines[0].find("secret") == std::string::npos);
  CHECK(stand.log.lines[0].find("w1") == std::string::npos);
}

TEST_CASE("a closed pipeline answers at once, and opens again") {
  Stand stand({route()});
  stand.pipeline->close("stopped by an operator");
  const Event event = stand.bus.make("acapy::outbound::x");
  CHECK(stand.pipeline->on_event(event) == HandlerAnswer::failed);
  CHECK(stand.pipeline->on_event(stand.bus.make("other")) == HandlerAnswer::done);
  CHECK(stand.sink.records.empty());
  CHECK(stand.bus.journal == Journal{"publish acapy::outbound::x::undeliverable of acapy::outbound::x event-id=id "
                                     "reason=stopped by an operator"});
  stand.pipeline->open();
  CHECK(stand.pipeline->on_event(event) == HandlerAnswer::later);
}

TEST_CASE("status events can be switched off") {
  config::RouteSettings settings = route();
  settings.status_events = false;
  Stand stand({settings});
  stand.sink.answers = {SendStatus::refused};
  CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::x")) == HandlerAnswer::failed);
  stand.pipeline->close("stopped");
  CHECK(stand.pipeline->on_event(stand.bus.make("acapy::outbound::x")) == HandlerAnswer::failed);
  CHECK(stand.bus.journal.empty());
}

TEST_CASE("several routes are one completion each, announced when the first route has taken the event or never will") {
  Stand stand({to("a", true), to("b", true), to("c")});
  SUBCASE("all accepted") {
    CHECK(stand.pipeline->on_event(stand.bus.make("x")) == HandlerAnswer::later);
    CHECK(stand.bus.journal == Journal{"defer x 2"});
    CHECK(stand.sink.records.size() == 3);
  }
  SUBCASE("one refused: its completion is given at once, after its status event") {
    stand.sink.answers = {SendStatus::accepted, SendStatus::refused, SendStatus::accepted};
    CHECK(stand.pipeline->on_event(stand.bus.make("x")) == HandlerAnswer::later);
    CHECK(stand.bus.journal == Journal{"defer x 2",
                                       "publish x::undeliverable of x event-id=id reason=the producer is stopped",
                                       "complete x 2 the producer is stopped"});
  }
  SUBCASE("full before anything was taken: busy, all of it can be tried again") {
    stand.sink.answers = {SendStatus::full, SendStatus::full, SendStatus::full};
    CHECK(stand.pipeline->on_event(stand.bus.make("x")) == HandlerAnswer::busy);
    CHECK(stand.bus.journal.empty());
  }
  SUBCASE("full at the first route: no other one gets it, so that it can be tried again") {
    stand.sink.answers = {SendStatus::full, SendStatus::accepted, SendStatus::accepted};
    CHECK(stand.pipeline->on_event(stand.bus.make("x")) == HandlerAnswer::busy);
    CHECK(stand.sink.records.empty());
  }
  SUBCASE("full after one was refused: it has failed already") {
    stand.sink.answers = {SendStatus::refused, SendStatus::full, SendStatus::accepted};
    CHECK(stand.pipeline->on_event(stand.bus.make("x")) == HandlerAnswer::later);
    CHECK(stand.bus.journal.size() == 5);  // defer, and two that are undeliverable and failed
    CHECK(stand.sink.records.size() == 1);
  }
  SUBCASE("full after one was taken: trying again would send that one twice, so it has failed") {
    stand.sink.answers = {SendStatus::accepted, SendStatus::full, SendStatus::full};
    CHECK(stand.pipeline->on_event(stand.bus.make("x")) == HandlerAnswer::later);
    CHECK(stand.bus.journal == Journal{"defer x 2",
                                       "publish x::undeliverable of x event-id=id reason=the queue is full",
                                       "complete x 2 the queue is full",
                                       "publish x::undeliverable of x event-id=id reason=the queue is full",
                                       "complete x 2 the queue is full"});
  }
}

TEST_CASE("subscribes to every route's pattern, once, and leaves at the end") {
  {
    Stand stand({route("a"), route("b")});
    REQUIRE(stand.pipeline->subscribe().ok());
    REQUIRE(stand.pipeline->subscribe().ok());
    CHECK(stand.bus.subscribed == std::vector<std::string>{"a", "b"});
    stand.pipeline->unsubscribe();
    stand.pipeline->unsubscribe();
    CHECK(stand.bus.journal == Journal{"subscribe", "unsubscribe"});
  }
  Stand none({});
  REQUIRE(none.pipeline->subscribe().ok());
  CHECK(none.bus.journal.empty());
}

TEST_CASE("a bad route or prefix is refused") {
  FakeBus bus;
  FakeSink sink;
  FakeLog log;
  const std::vector<config::RouteSettings> bad = {route("(")};
  CHECK_FALSE(OutboundPipeline::create(bad, "", bus, sink, log).ok());
  const auto prefix = OutboundPipeline::create({}, "a/b", bus, sink, log);
  REQUIRE_FALSE(prefix.ok());
  CHECK(prefix.error().message.starts_with("topic_prefix: '/' at position 2"));
}

TEST_CASE("counters go on in another version, route by route") {
  Stand before({to("a", true), to("b")});
  CHECK(before.pipeline->on_event(before.bus.make("x")) == HandlerAnswer::later);
  const Event event = before.bus.make("x");
  DeliveryReport report;
  report.source = &event;
  report.topic = "b";
  report.delivered = true;
  report.latency_us = 3000;
  report.value_bytes = 7;
  before.pipeline->on_deliveries({&report, 1});
  Stand after({to("b"), to("c")});
  after.pipeline->seed(before.pipeline->counters());
  const OutboundStatistics was = before.pipeline->statistics();
  const OutboundStatistics now = after.pipeline->statistics();
  CHECK(now.routes[0].sent == 1);
  CHECK(now.routes[0].delivered == 1);
  CHECK(now.routes[0].bytes == 7);
  CHECK(now.routes[0].latency.buckets == was.routes[1].latency.buckets);
  CHECK(now.routes[0].latency.sum_us == 3000);
  CHECK(now.routes[1].matched == 0);  // a route that the other version does not have
  CHECK(now.status_events == was.status_events);
  before.pipeline->seed(after.pipeline->counters());  // and back
  CHECK(before.pipeline->statistics().routes[1].delivered == 1);
}
