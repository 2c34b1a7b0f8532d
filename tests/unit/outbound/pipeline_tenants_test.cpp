// Tenants on their way out: who is over a limit is told busy and why, and whatever becomes of an event, it leaves once.
#include <doctest/doctest.h>
#include <random>

#include "fakes.h"
#include "outbound/pipeline.h"
#include "outbound/tenant_bus.h"

using namespace kafka_events;
using namespace kafka_events::test;
using Journal = std::vector<std::string>;

namespace {

class Transaction final : public TransactionScopes {
 public:
  [[nodiscard]] RecordSink* sink_for(const Event& event) noexcept override {
    return event.topic == "in::transaction" ? &sink : nullptr;
  }
  FakeSink sink;
};

config::TenantSettings at_most(std::uint64_t in_flight) {
  config::TenantSettings settings;
  settings.max_in_flight = in_flight;
  settings.fair = false;
  return settings;
}

struct Stand {
  FakeBus bus;
  FakeSink sink;
  FakeSink exact;
  Transaction transaction;
  FakeLog log;
  TenantGate gate;
  std::unique_ptr<OutboundPipeline> pipeline;

  Stand(std::vector<config::RouteSettings> routes, const config::TenantSettings& settings) : gate(settings) {
    OutboundParts further;
    further.tenants = &gate;
    const RouteSinks sinks(&sink, &sink, &exact, &transaction);
    pipeline = std::move(OutboundPipeline::create(routes, "", bus, sinks, log, further)).value();
    pipeline->open();
  }
  [[nodiscard]] std::uint64_t in_flight() const { return gate.statistics().in_flight; }
  void report(EventHandle event, bool delivered) {
    DeliveryReport report;
    report.event = event;
    report.topic = "k";
    report.delivered = delivered;
    report.reason = delivered ? "" : "timed out";
    pipeline->on_deliveries({&report, 1});
  }
};

config::RouteSettings silent(const char* match = ".*", bool continues = false) {
  config::RouteSettings settings = route(match);
  settings.status_events = false;
  settings.continue_matching = continues;
  return settings;
}

}  // namespace

TEST_CASE("a tenant over its limit is told busy and why; the others go on") {
  Stand stand({silent()}, at_most(1));
  const Event first = stand.bus.make("a");
  CHECK(stand.pipeline->on_event(first) == HandlerAnswer::later);
  CHECK(stand.pipeline->on_event(stand.bus.make("a")) == HandlerAnswer::busy);
  CHECK(stand.log.lines.back().find(to_text(TenantVerdict::over_in_flight)) != std::string::npos);
  CHECK(stand.pipeline->on_event(stand.bus.make("a", "{}", "w2")) == HandlerAnswer::later);
  CHECK(stand.sink.records.size() == 2);
  CHECK(stand.pipeline->statistics().routes[0].busy == 1);
  stand.report(first.handle, true);
  CHECK(stand.in_flight() == 1);
  CHECK(stand.pipeline->on_event(stand.bus.make("a")) == HandlerAnswer::later);
  CHECK(stand.sink.records.size() == 3);
}

TEST_CASE("events that no route takes, or that come while it is closed, ask nobody") {
  Stand stand({silent("^out::")}, at_most(1));
  CHECK(stand.pipeline->on_event(stand.bus.make("other")) == HandlerAnswer::done);
  stand.pipeline->close("stopped");
  CHECK(stand.pipeline->on_event(stand.bus.make("out::a")) == HandlerAnswer::failed);
  CHECK(stand.in_flight() == 0);
  CHECK(stand.gate.statistics().known == 0);
}

TEST_CASE("an event of several routes is let pass once, and leaves with each of its records") {
  Stand stand({silent(".*", true), silent(".*", true), silent()}, at_most(1));
  stand.sink.answers = {SendStatus::accepted, SendStatus::too_large, SendStatus::accepted};
  const Event event = stand.bus.make("a");
  CHECK(stand.pipeline->on_event(event) == HandlerAnswer::later);
  CHECK(stand.in_flight() == 2);
  stand.bus.journal.clear();
  CHECK(stand.pipeline->on_event(stand.bus.make("b")) == HandlerAnswer::busy);
  CHECK(stand.bus.journal.empty());  // nothing was deferred
  stand.report(event.handle, true);
  stand.report(event.handle, false);
  CHECK(stand.in_flight() == 0);
}

TEST_CASE("what the outbox keeps, a sink refuses or a transaction takes is not in flight") {
  config::RouteSettings exactly = silent("^in::.*");
  exactly.qos = config::Qos::exactly_once;
  Stand stand({exactly, silent()}, at_most(1));
  stand.sink.answers = {SendStatus::kept, SendStatus::full, SendStatus::too_large, SendStatus::refused};
  for (int each = 0; each < 4; ++each) {
    (void)stand.pipeline->on_event(stand.bus.make("a"));
    CHECK(stand.in_flight() == 0);
  }
  stand.sink.open_error = "stopped";
  CHECK(stand.pipeline->on_event(stand.bus.make("never::opened")) == HandlerAnswer::failed);
  CHECK(stand.pipeline->on_event(stand.bus.make("in::transaction")) == HandlerAnswer::later);
  CHECK(stand.transaction.sink.records.size() == 1);
  CHECK(stand.in_flight() == 0);
}

TEST_CASE("an event that the outbox completes itself leaves through its bus") {
  Stand stand({silent()}, at_most(3));
  TenantBus bus(stand.bus, stand.gate);
  const std::vector<EventHandle> events = {stand.bus.make("a").handle, stand.bus.make("b").handle};
  for (const EventHandle event : events) CHECK(stand.pipeline->on_event(stand.bus.view(event)) == HandlerAnswer::later);
  const Event third = stand.bus.make("c");
  CHECK(stand.pipeline->on_event(third) == HandlerAnswer::later);
  CHECK(stand.in_flight() == 3);
  bus.complete(third.handle, Outcome::done, kept_in_outbox);
  CHECK(stand.in_flight() == 2);
  bus.complete_many(events, Outcome::done);
  CHECK(stand.in_flight() == 0);
  CHECK(stand.bus.journal == Journal{"complete c 0 " + std::string(kept_in_outbox), "complete_many 2 0"});
  // The report of what lies in the outbox comes later, without the event.
  Event stored = third;
  DeliveryReport report;
  report.number = 7;
  report.source = &stored;
  report.delivered = true;
  stand.pipeline->on_deliveries({&report, 1});
  CHECK(stand.in_flight() == 0);
}

TEST_CASE("reports of what another version let pass change nothing") {
  Stand stand({silent()}, at_most(3));
  stand.report(stand.bus.make("a").handle, true);
  CHECK(stand.in_flight() == 0);
  stand.report(stand.bus.make("a", "{}", "w9").handle, false);
  CHECK(stand.in_flight() == 0);
}

TEST_CASE("random outcomes: nothing is in flight in the end, and every event has as many ends as it was promised") {
  std::minstd_rand random(7);
  config::RouteSettings exactly = silent("^(x|in)::.*", true);
  exactly.qos = config::Qos::exactly_once;
  config::TenantSettings settings = at_most(6);
  settings.fair = true;
  settings.fair_from = 20;
  Stand stand({exactly, silent(".*", true), silent("^[ax].*")}, settings);
  TenantBus bus(stand.bus, stand.gate);
  const std::array topics = {"a", "b", "x::a", "in::transaction"};
  const std::array tenants = {"w1", "w2", "w3", ""};
  const std::string large(20'000, 'x');  // several units of the window
  std::vector<EventHandle> accepted;
  for (int step = 0; step < 20'000; ++step) {
    for (FakeSink* sink : {&stand.sink, &stand.exact, &stand.transaction.sink}) {
      sink->records.clear();
      sink->answers.clear();
      for (int send = 0; send < 3; ++send) sink->answers.push_back(SendStatus(random() % 5));
      sink->open_error = random() % 50 == 0 ? "stopped" : "";
    }
    if (random() % 100 == 0) stand.pipeline->close("stopped");
    if (random() % 20 == 0) stand.pipeline->open();
    const std::string_view payload = random() % 2 == 0 ? std::string_view(large) : "{}";
    const Event event = stand.bus.make(topics[random() % topics.size()], payload, tenants[random() % tenants.size()]);
    (void)stand.pipeline->on_event(event);
    for (const FakeSink* sink : {&stand.sink, &stand.exact}) {
      for (const SentRecord& record : sink->records) accepted.push_back(record.event);
    }
    REQUIRE(stand.in_flight() == accepted.size());
    while (!accepted.empty() && random() % 2 == 0) {
      std::swap(accepted[random() % accepted.size()], accepted.back());
      if (random() % 4 == 0) {
        bus.complete(accepted.back(), Outcome::done, kept_in_outbox);
      } else {
        stand.report(accepted.back(), random() % 3 != 0);
      }
      accepted.pop_back();
    }
  }
  for (const EventHandle event : accepted) stand.report(event, true);
  CHECK(stand.in_flight() == 0);
  CHECK(stand.gate.statistics().active == 0);
  CHECK(stand.gate.statistics().refused_in_flight + stand.gate.statistics().refused_unfair > 0);
}
