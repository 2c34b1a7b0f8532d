// Each guarantee has its own sink, and what lies in the outbox is done as far as the bus is concerned.
#include <doctest/doctest.h>

#include "fakes.h"
#include "outbound/pipeline.h"

namespace kafka_events::test {
namespace {

using Journal = std::vector<std::string>;

class Scopes final : public TransactionScopes {
 public:
  [[nodiscard]] RecordSink* sink_for(const Event& event) noexcept override {
    return event.tenant == "in a transaction" ? &sink : nullptr;
  }
  FakeSink sink;
};

config::RouteSettings route_of(const char* match, config::Qos qos) {
  config::RouteSettings settings = route(match);
  settings.name = match;
  settings.topic = "{topic:kafka}";
  settings.qos = qos;
  return settings;
}

struct Stand {
  FakeBus bus;
  FakeSink once;
  FakeSink least;
  FakeSink exact;
  Scopes scopes;
  FakeLog log;
  std::unique_ptr<OutboundPipeline> pipeline;

  Stand() {
    const std::vector routes = {route_of("^once", config::Qos::at_most_once),
                                route_of("^least", config::Qos::at_least_once),
                                route_of("^exact", config::Qos::exactly_once)};
    pipeline =
        std::move(OutboundPipeline::create(routes, "", bus, RouteSinks(&once, &least, &exact, &scopes), log)).value();
    pipeline->open();
  }
};

TEST_CASE("a record goes to the sink of its route's guarantee, where its topic was opened") {
  Stand stand;
  CHECK(stand.pipeline->on_event(stand.bus.make("once::a")) == HandlerAnswer::later);
  CHECK(stand.pipeline->on_event(stand.bus.make("least::a")) == HandlerAnswer::later);
  CHECK(stand.pipeline->on_event(stand.bus.make("exact::a")) == HandlerAnswer::later);
  CHECK(stand.once.records.at(0).topic == "once-a");
  CHECK(stand.least.records.at(0).topic == "least-a");
  CHECK(stand.exact.records.at(0).topic == "exact-a");
}

TEST_CASE("an event that belongs to a transaction goes there, but only on an exactly_once route") {
  Stand stand;
  CHECK(stand.pipeline->on_event(stand.bus.make("exact::a", "{}", "in a transaction")) == HandlerAnswer::later);
  CHECK(stand.pipeline->on_event(stand.bus.make("least::a", "{}", "in a transaction")) == HandlerAnswer::later);
  CHECK(stand.scopes.sink.records.size() == 1);
  CHECK(stand.exact.records.empty());
  CHECK(stand.least.records.size() == 1);
  // Topics of a transaction's sink are its own: the route's sink opens its own one afterwards.
  CHECK(stand.pipeline->on_event(stand.bus.make("exact::a")) == HandlerAnswer::later);
  CHECK(stand.exact.topics == Journal{"exact-a"});
}

TEST_CASE("an event that the outbox keeps is done, and its publisher is told where it is") {
  Stand stand;
  stand.least.answers = {SendStatus::kept};
  CHECK(stand.pipeline->on_event(stand.bus.make("least::a")) == HandlerAnswer::later);
  CHECK(stand.bus.journal == Journal{"complete least::a 0 " + std::string(kept_in_outbox)});
  CHECK(stand.pipeline->statistics().routes[1].sent == 1);
}

}  // namespace
}  // namespace kafka_events::test
