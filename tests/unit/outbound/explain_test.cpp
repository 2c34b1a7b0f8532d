// Explanations say what would happen, and nothing happens.
#include <doctest/doctest.h>

#include "fakes.h"
#include "outbound/pipeline.h"

using namespace kafka_events;
using namespace kafka_events::test;

namespace {

struct Stand {
  FakeBus bus;
  FakeSink sink;
  FakeLog log;
  std::unique_ptr<OutboundPipeline> pipeline;

  explicit Stand(const config::RouteSettings& settings) {
    pipeline = std::move(OutboundPipeline::create(std::span(&settings, 1), "p.", bus, sink, log)).value();
    pipeline->open();
  }
  Explanation explain(std::string_view topic, std::string_view payload = "{}", std::string_view tenant = "w1") {
    Event event;
    event.topic = topic;
    event.tenant = tenant;
    event.payload = payload;
    const Explanation explanation = pipeline->explain(event);
    CHECK(sink.opened == 0);
    CHECK(sink.records.empty());
    CHECK(bus.journal.empty());
    return explanation;
  }
};

}  // namespace

TEST_CASE("a route is explained with all that the record would have") {
  config::RouteSettings settings = route("^acapy::(.*)$");
  settings.place = {"a.yml", 3, 7, ""};
  settings.codec = config::CodecKind::envelope;
  Stand stand(settings);
  const Explanation explanation = stand.explain("acapy::present-proof");
  CHECK(explanation.not_sent_because.empty());
  REQUIRE(explanation.routes.size() == 1);
  const ExplainedRoute& explained = explanation.routes[0];
  CHECK(explained.name == "default");
  CHECK(explained.place == "a.yml:3:7");
  CHECK(explained.match == "^acapy::(.*)$");
  CHECK(explained.kafka_topic == "p.acapy-present-proof");
  CHECK(explained.key == "w1");
  CHECK(explained.partition == "by key: murmur2 over all partitions");
  CHECK(explained.codec == "envelope");
  CHECK(explained.value_bytes > 50);
  CHECK(explained.value_is_copied);
  CHECK(explained.sent_event == "acapy::present-proof::sent_to_external_queue");
  CHECK(explained.undeliverable_event == "acapy::present-proof::undeliverable");
  CHECK(explained.problem.empty());
}

TEST_CASE("headers and partitions are explained") {
  config::RouteSettings settings = route(".*");
  settings.partitions = {7};
  Stand stand(settings);
  CHECK(stand.explain("present-proof").routes[0].headers ==
        std::vector<std::pair<std::string, std::string>>{{"agent-topic", "present-proof"}});
  CHECK(stand.explain("t").routes[0].partition == "7 by key: murmur2 over the 1 that the route names");
  CHECK(stand.explain("t", "{}", "").routes[0].partition == "in turn, of the 1 that the route names");
  CHECK_FALSE(stand.explain("t").routes[0].value_is_copied);
}

TEST_CASE("what would not be sent is explained with the reason") {
  Stand stand(route("^acapy::.*"));
  CHECK(stand.explain("other").not_sent_because == "no route matches this topic");
  CHECK(stand.explain("acapy::x::undeliverable").not_sent_because == "status events are never sent to Kafka");
  CHECK(stand.explain("acapy::a b").routes[0].problem.starts_with("Kafka topic: a space"));
  stand.pipeline->close("stopped");
  const Explanation closed = stand.explain("acapy::x");
  CHECK(closed.not_sent_because == "stopped");
  CHECK(closed.routes.size() == 1);
}

TEST_CASE("a value that cannot be encoded is explained") {
  config::RouteSettings settings = route(".*");
  settings.codec = config::CodecKind::envelope;
  CHECK(Stand(settings).explain("t", "\xff").routes[0].problem.starts_with("the payload is neither"));
  settings.key = "{payload./id}";
  CHECK(Stand(settings).explain("t", "{}").routes[0].problem.starts_with("key: {payload./id}"));
}
