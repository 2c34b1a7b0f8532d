// Where a record says it comes from: hops, traces, requests and answers.
#include <array>
#include <doctest/doctest.h>

#include "core/cause.h"
#include "core/trace_context.h"
#include "fakes.h"
#include "outbound/record_builder.h"

using namespace kafka_events;
using namespace kafka_events::test;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

constexpr std::string_view parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

struct Built {
  std::string error;
  SentRecord record;
  std::string correlation_id;
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [each, value] : record.headers) {
      if (each == name) return value;
    }
    return "(none)";
  }
};

struct Bench {
  Router router;
  FakeSink sink;
  RouteCache cache;
  int asked = 0;
  RecordBuilder builder;
  FakeBus bus;

  explicit Bench(const config::RouteSettings& settings, std::string origin = "alice", std::string_view prefix = "")
      : router(Router::create(std::span(&settings, 1)).value()),
        cache(router, prefix),
        builder(
            1, prefix, [] { return std::int64_t{0}; }, parts(std::move(origin))) {}

  OutboundParts parts(std::string origin) {
    OutboundParts further;
    further.loop_guard.origin = std::move(origin);
    further.reads_topic = [this](std::string_view topic) { return ++asked, topic == "read-by-us"; };
    return further;
  }

  Built build(const Event& event, bool in_transaction = false) {
    std::unique_ptr<ResolvedTopic> holder;
    const ResolvedTopic& topic = cache.find(event.topic, holder);
    REQUIRE(topic.routes.size() == 1);
    RecordStorage storage;
    OutboundRecord record;
    const Result<void> built = in_transaction ? builder.build_for(event, topic, topic.routes[0], sink, storage, record)
                                              : builder.build(event, topic, topic.routes[0], sink, storage, record);
    if (!built.ok()) return {built.error().message, {}, {}};
    CHECK(record.source == &event);
    REQUIRE(sink.send(record) == SendStatus::accepted);
    return {"", sink.records.back(), std::string(storage.correlation_id)};
  }
};

config::RouteSettings all() { return route(".*"); }

}  // namespace

TEST_CASE("a record that nobody here reads, of an event without a cause, says nothing") {
  Bench bench(all());
  CHECK(bench.build(bench.bus.make("t")).record.headers.empty());
}

TEST_CASE("a record that comes back to this process says who wrote it; the topic is asked about once") {
  const std::array headers = {Header{"to", "read-by-us"}};
  for (const bool rendered : {false, true}) {
    CAPTURE(rendered);
    config::RouteSettings settings = all();
    if (rendered) settings.topic = "{header.to}";
    Bench bench(settings);
    Event event = bench.bus.make("read::by::us");
    if (rendered) event.headers = headers;
    for (int i = 0; i < 3; ++i) {
      const Built built = bench.build(event);
      CHECK(built.header("agent-origin") == "alice");
      CHECK(built.header("agent-hops") == "1");
    }
    CHECK(bench.asked == 1);
    CHECK(bench.build(event, true).header("agent-origin") == "alice");
  }
}

TEST_CASE("what a record causes on its thread is one hop further") {
  Bench bench(all());
  const Cause cause{.record_id = "t:0:0", .hops = 2};
  {
    const CauseScope scope(cause);
    const Built built = bench.build(bench.bus.make("t"));
    CHECK(built.header("agent-origin") == "alice");
    CHECK(built.header("agent-hops") == "3");
  }
  CHECK(bench.build(bench.bus.make("t")).record.headers.empty());
}

TEST_CASE("headers that a handler copied carry the hops on, and are not doubled") {
  Bench bench(all());
  const std::array headers = {Header{"agent-hops", "5"}, Header{"agent-origin", "bob"},
                              Header{"agent-reply-to", "kafka_events::reply::x"}, Header{"own", "1"}};
  Event event = bench.bus.make("t");
  event.headers = headers;
  CHECK(bench.build(event).record.headers == Pairs{{"own", "1"}, {"agent-origin", "alice"}, {"agent-hops", "6"}});
  const Cause cause{.hops = 9};
  const CauseScope scope(cause);
  CHECK(bench.build(event).header("agent-hops") == "10");
}

TEST_CASE("an event that names its cause is one hop away from it") {
  Bench bench(all());
  const std::array headers = {Header{"agent-cause", "t:0:1"}};
  Event event = bench.bus.make("t");
  event.headers = headers;
  CHECK(bench.build(event).header("agent-hops") == "1");
}

TEST_CASE("hops that are no number count as none, and too many stay the most") {
  CHECK(hops_of("12") == 12);
  for (const std::string_view text : {"", "-1", "1x", " 1", "0x10"}) CHECK(hops_of(text) == 0);
  CHECK(hops_of("99999999999999999999") == 4294967295U);
}

TEST_CASE("without an origin, hops are headers like any other") {
  Bench bench(all(), "");
  const std::array headers = {Header{"agent-hops", "5"}};
  Event event = bench.bus.make("read::by::us");
  event.headers = headers;
  CHECK(bench.build(event).record.headers == Pairs{{"agent-hops", "5"}});
}

TEST_CASE("a trace goes on with a span of our own") {
  Bench bench(all(), "");
  const std::array headers = {Header{"traceparent", parent}, Header{"tracestate", "a=b"}, Header{"baggage", "k=v"}};
  Event event = bench.bus.make("t");
  event.headers = headers;
  const Built first = bench.build(event);
  const std::string text = first.header("traceparent");
  CHECK(is_trace_parent(text));
  CHECK(text.substr(0, 36) == parent.substr(0, 36));
  CHECK(text.substr(52) == "-01");
  CHECK(text != parent);
  CHECK(bench.build(event).header("traceparent") != text);
  CHECK(first.header("tracestate") == "a=b");
  CHECK(first.header("baggage") == "k=v");
  CHECK(std::ranges::count(first.record.headers, "traceparent", &Pairs::value_type::first) == 1);
}

TEST_CASE("without a trace of its own, an event goes on with its cause's") {
  Bench bench(all(), "");
  const Cause cause{.trace_parent = parent};
  const CauseScope scope(cause);
  CHECK(bench.build(bench.bus.make("t")).header("traceparent").substr(0, 36) == parent.substr(0, 36));
}

TEST_CASE("what is no traceparent is dropped with its tracestate, and begins nothing") {
  const std::array<std::string, 7> wrong = {"",
                                            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                                            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                            std::string(parent) + "-x"};
  for (const std::string& text : wrong) {
    CAPTURE(text);
    Bench bench(all(), "");
    const std::array headers = {Header{"traceparent", text}, Header{"tracestate", "a=b"}, Header{"baggage", "k=v"}};
    Event event = bench.bus.make("t");
    event.headers = headers;
    CHECK(bench.build(event).record.headers == Pairs{{"baggage", "k=v"}});
  }
  TraceParentText out;
  const std::string later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff-more";
  REQUIRE(is_trace_parent(later));
  const std::string_view continued = continue_trace(later, out);
  CHECK(continued.starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
  CHECK(continued.ends_with("-01"));
}

TEST_CASE("a request says where its answer is wanted, and by which id") {
  config::RouteSettings settings = all();
  settings.reply_to = "{topic:kafka}.reply";
  Bench bench(settings, "", "pre-");
  Event event = bench.bus.make("a::b");
  const Built own = bench.build(event);
  CHECK(own.header("kafka_replyTopic") == "pre-a-b.reply");
  CHECK(own.header("kafka_correlationId") == std::string(event.id));
  CHECK(own.correlation_id == std::string(event.id));
  const std::array headers = {Header{"kafka_correlationId", "given"}, Header{"kafka_replyTopic", "elsewhere"}};
  event.headers = headers;
  const Built given = bench.build(event);
  CHECK(given.correlation_id == "given");
  CHECK(given.record.headers == Pairs{{"kafka_replyTopic", "pre-a-b.reply"}, {"kafka_correlationId", "given"}});
}

TEST_CASE("a reply topic that Kafka would not take is an error that names what it came from") {
  config::RouteSettings settings = all();
  settings.reply_to = "{header.to}";
  Bench bench(settings, "");
  const std::array headers = {Header{"to", "a b"}};
  Event event = bench.bus.make("t");
  event.headers = headers;
  const std::string error = bench.build(event).error;
  CHECK(error.find("reply topic: a space at position 2") != std::string::npos);
  CHECK(error.find("{header.to}") != std::string::npos);
}

TEST_CASE("an answer goes to the topic as it is named, with its request's id, and is no request") {
  config::RouteSettings settings = route("^kafka_events::reply::(.+)$");
  settings.topic = "{1}";
  settings.with_prefix = false;
  Bench bench(settings, "", "pre-");
  const std::array headers = {Header{"kafka_replyTopic", "x"}, Header{"agent-reply-to", "y"}};
  Event event = bench.bus.make("kafka_events::reply::pre-a-b.reply");
  event.headers = headers;
  const Cause cause{.correlation_id = "c-1"};
  const CauseScope scope(cause);
  const Built built = bench.build(event);
  CHECK(built.record.topic == "pre-a-b.reply");
  CHECK(built.record.headers == Pairs{{"kafka_correlationId", "c-1"}});
  const std::array own = {Header{"kafka_correlationId", "c-2"}};
  event.headers = own;
  CHECK(bench.build(event).record.headers == Pairs{{"kafka_correlationId", "c-2"}});
}

TEST_CASE("an answer's codec sees the event topic that its Kafka topic means") {
  config::RouteSettings settings = route("^kafka_events::reply::(.+)$");
  settings.topic = "{1}";
  settings.with_prefix = false;
  settings.codec = config::CodecKind::envelope;
  Bench bench(settings, "", "pre-");
  const Event event = bench.bus.make("kafka_events::reply::pre-a-b");
  CHECK(bench.build(event).record.value.find(R"("topic":"a::b")") != std::string::npos);
}
