// What an event becomes on a route: topic, key, partition, headers, value, time.
#include "outbound/record_builder.h"

#include <doctest/doctest.h>
#include <functional>

#include "core/cause.h"
#include "fakes.h"

using namespace kafka_events;
using namespace kafka_events::test;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

constexpr std::int64_t now_us = 1'700'000'000'000'000;

struct Built {
  std::string error;
  SentRecord record;
};

struct Bench {
  Router router;
  FakeSink sink;
  RouteCache cache;
  RecordBuilder builder;
  FakeBus bus;

  explicit Bench(const config::RouteSettings& settings, std::string_view prefix = "")
      : router(Router::create(std::span(&settings, 1)).value()),
        cache(router, prefix),
        builder(1, prefix, [] { return now_us; }) {}

  Built build(const Event& event) {
    std::unique_ptr<ResolvedTopic> holder;
    const ResolvedTopic& topic = cache.find(event.topic, holder);
    REQUIRE(topic.routes.size() == 1);
    RecordStorage storage;
    OutboundRecord record;
    const Result<void> built = builder.build(event, topic, topic.routes[0], sink, storage, record);
    if (!built.ok()) return {built.error().message, {}};
    REQUIRE(sink.send(record) == SendStatus::accepted);
    return {"", sink.records.back()};
  }
};

config::RouteSettings all() { return route(".*"); }

// What build_plain() makes of an event whose topic is open already; nothing: it wants the full way.
struct Plain {
  bool made = false;
  OutboundRecord record;
};

Plain build_plain(Bench& bench, const Event& event) {
  bench.build(event);
  std::unique_ptr<ResolvedTopic> holder;
  Plain plain;
  plain.made = bench.builder.build_plain(event, bench.cache.find(event.topic, holder).routes.at(0), plain.record);
  return plain;
}

bool is_plain(const config::RouteSettings& settings, const std::function<void(Event&)>& change = {}) {
  Bench bench(settings);
  Event event = bench.bus.make("acapy::outbound::message", "payload");
  if (change) change(event);
  return build_plain(bench, event).made;
}

}  // namespace

TEST_CASE("the plainest records are made at once, and are those that the full way makes") {
  Bench bench(all());
  Event event = bench.bus.make("acapy::outbound::message", "payload");
  SUBCASE("as it is") {}
  SUBCASE("of another time") { event.timestamp_us = now_us - 3'600'000'000; }
  SUBCASE("a null payload") { event.payload = {}; }
  SUBCASE("without a tenant, so without a key") { event.tenant = ""; }
  SUBCASE("with a key of its own") {
    event.tenant = "";
    event.key = "own";
  }
  SUBCASE("of the default type") { event.content_type = default_content_type; }
  const Built full = bench.build(event);
  const Plain plain = build_plain(bench, event);
  REQUIRE(plain.made);
  REQUIRE(bench.sink.send(plain.record) == SendStatus::accepted);
  const SentRecord& sent = bench.sink.records.back();
  CHECK(sent.topic == full.record.topic);
  CHECK(sent.key == full.record.key);
  CHECK(sent.key_is_null == full.record.key_is_null);
  CHECK(sent.value == full.record.value);
  CHECK(sent.value_in_event == full.record.value_in_event);
  CHECK(sent.partition == full.record.partition);
  CHECK(sent.headers == full.record.headers);
  CHECK(sent.timestamp_ms == full.record.timestamp_ms);
  CHECK(sent.event == full.record.event);
  CHECK(plain.record.source == &event);
}

TEST_CASE("everything else goes the full way") {
  CHECK(is_plain(all()));
  const Header header{"h", "v"};
  CHECK_FALSE(is_plain(all(), [&](Event& event) { event.headers = std::span(&header, 1); }));
  CHECK_FALSE(is_plain(all(), [](Event& event) { event.content_type = "text/plain"; }));
  CHECK_FALSE(is_plain(all(), [](Event& event) { event.key = "own"; }));                 // a header tells the tenant
  CHECK_FALSE(is_plain(all(), [](Event& event) { event.topic = "a::present-proof"; }));  // a header tells the topic
  const auto with = [](const std::function<void(config::RouteSettings&)>& change) {
    config::RouteSettings settings = all();
    change(settings);
    return is_plain(settings);
  };
  CHECK_FALSE(with([](auto& settings) { settings.topic = "fixed"; }));
  CHECK_FALSE(with([](auto& settings) { settings.topic = "by-{tenant}"; }));
  CHECK_FALSE(with([](auto& settings) { settings.key = "{tenant}-{state}"; }));
  CHECK_FALSE(with([](auto& settings) { settings.partitions = {0, 1}; }));
  CHECK_FALSE(with([](auto& settings) { settings.reply_to = "answers"; }));
  CHECK_FALSE(with([](auto& settings) { settings.codec = config::CodecKind::envelope; }));
  const Cause cause;
  const CauseScope scope(cause);
  CHECK_FALSE(is_plain(all()));
}

TEST_CASE("a topic that this process reads too goes the full way, because its records say where they come from") {
  OutboundParts parts;
  parts.loop_guard.origin = "agent";
  std::string read = "acapy-outbound-message";
  parts.reads_topic = [&](std::string_view topic) { return topic == read; };
  const config::RouteSettings settings = all();
  const Router router = Router::create(std::span(&settings, 1)).value();
  RouteCache cache(router, "");
  FakeSink sink;
  FakeBus bus;
  for (const bool comes_back : {true, false}) {
    RecordBuilder builder(
        1, "", [] { return now_us; }, parts);
    if (!comes_back) read = "another";
    const Event event = bus.make(comes_back ? "acapy::outbound::message" : "acapy::outbound::other");
    std::unique_ptr<ResolvedTopic> holder;
    const ResolvedTopic& topic = cache.find(event.topic, holder);
    RecordStorage storage;
    OutboundRecord record;
    CHECK_FALSE(builder.build_plain(event, topic.routes[0], record));  // not open yet
    REQUIRE(builder.build(event, topic, topic.routes[0], sink, storage, record).ok());
    CHECK(builder.build_plain(event, topic.routes[0], record) == !comes_back);
  }
}

TEST_CASE("a plain event needs no header, no copy and no time") {
  Bench bench(all());
  Event event = bench.bus.make("acapy::outbound::message", "payload");
  event.timestamp_us = now_us - 500'000;
  const Built built = bench.build(event);
  CHECK(built.record.topic == "acapy-outbound-message");
  CHECK(built.record.key == "w1");
  CHECK(built.record.value == "payload");
  CHECK(built.record.value_in_event);
  CHECK(built.record.partition == partition_by_key);
  CHECK(built.record.headers.empty());
  CHECK(built.record.timestamp_ms == 0);
  CHECK(built.record.event == event.handle);
}

TEST_CASE("an event of another time says so") {
  Bench bench(all());
  Event event = bench.bus.make("t");
  event.timestamp_us = now_us - 3'600'000'000;
  CHECK(bench.build(event).record.timestamp_ms == (now_us - 3'600'000'000) / 1000);
}

TEST_CASE("the event's own key goes before the template, and an empty result is no key") {
  Bench bench(all());
  Event event = bench.bus.make("t", "p", "");
  CHECK(bench.build(event).record.key_is_null);
  event.key = "own";
  CHECK(bench.build(event).record.key == "own");
  event.key = "";
  const Built empty = bench.build(event);
  CHECK_FALSE(empty.record.key_is_null);
  CHECK(empty.record.key.empty());
}

TEST_CASE("agent-topic travels when the rule cannot be undone or was not used") {
  Bench plain(all());
  CHECK(plain.build(plain.bus.make("a::present-proof")).record.headers == Pairs{{"agent-topic", "a::present-proof"}});
  config::RouteSettings settings = all();
  settings.topic = "fixed";
  Bench fixed(settings);
  CHECK(fixed.build(fixed.bus.make("a::b")).record.headers == Pairs{{"agent-topic", "a::b"}});
  CHECK(fixed.build(fixed.bus.make("fixed")).record.headers.empty());
  settings.topic = "{topic:kafka}{header.none}";
  Bench dynamic(settings);
  CHECK(dynamic.build(dynamic.bus.make("a::b")).record.headers.empty());
}

TEST_CASE("agent-tenant travels when the key is not the tenant") {
  Bench bench(all());
  Event event = bench.bus.make("t");
  event.key = "other";
  CHECK(bench.build(event).record.headers == Pairs{{"agent-tenant", "w1"}});
  event.tenant = "";
  CHECK(bench.build(event).record.headers.empty());
}

TEST_CASE("the event's headers travel in order with duplicates, but not what an earlier hop said of it") {
  Bench bench(all());
  Event event = bench.bus.make("t");
  const std::vector<Header> headers = {{"b", "1"},
                                       {"agent-topic", "stale"},
                                       {"a", std::string_view("\0\xff", 2)},
                                       {"b", "2"},
                                       {"agent-tenant", "stale"}};
  event.headers = headers;
  CHECK(bench.build(event).record.headers == Pairs{{"b", "1"}, {"a", std::string("\0\xff", 2)}, {"b", "2"}});
}

TEST_CASE("a content type travels when it is set and not JSON") {
  Bench bench(all());
  Event event = bench.bus.make("t");
  event.content_type = "application/json";
  CHECK(bench.build(event).record.headers.empty());
  event.content_type = "text/plain";
  CHECK(bench.build(event).record.headers == Pairs{{"content-type", "text/plain"}});
}

TEST_CASE("an envelope says topic and tenant itself") {
  config::RouteSettings settings = all();
  settings.codec = config::CodecKind::envelope;
  settings.topic = "fixed";
  Bench bench(settings);
  Event event = bench.bus.make("a::b", "{}");
  event.key = "other";
  const Built built = bench.build(event);
  CHECK(built.record.headers.empty());
  CHECK_FALSE(built.record.value_in_event);
  CHECK(built.record.value == R"({"wallet_id":"w1","state":null,"topic":"a::b","category":null,"payload":{}})");
  event.payload = Bytes{};
  CHECK(bench.build(event).record.value_is_null);
  event.payload = "\xff";
  CHECK(bench.build(event).error.starts_with("the payload is neither"));
}

TEST_CASE("the prefix stands before every topic and does not hide that the plain rule was used") {
  Bench bench(all(), "prod.");
  const Built built = bench.build(bench.bus.make("a::b"));
  CHECK(built.record.topic == "prod.a-b");
  CHECK(built.record.headers.empty());
}

TEST_CASE("a partition list is used by key as Java would, without a key in turn") {
  config::RouteSettings settings = all();
  settings.partitions = {4, 5, 9};
  Bench bench(settings);
  Event event = bench.bus.make("t");
  event.key = "21";
  const std::int32_t by_key = settings.partitions[(static_cast<std::uint32_t>(-973932308) & 0x7fffffffU) % 3];
  CHECK(bench.build(event).record.partition == by_key);
  CHECK(bench.build(event).record.partition == by_key);
  event.key = Bytes{};
  event.tenant = "";
  std::vector<std::int32_t> turns;
  turns.reserve(4);
  for (int turn = 0; turn < 4; ++turn) turns.push_back(bench.build(event).record.partition);
  CHECK(turns == std::vector<std::int32_t>{4, 5, 9, 4});
}

TEST_CASE("no tenant can inject a topic, and the message does not show the tenant") {
  config::RouteSettings settings = all();
  settings.topic = "acapy-webhook-$wallet_id";
  Bench bench(settings);
  CHECK(bench.build(bench.bus.make("t", "p", "good.1")).record.topic == "acapy-webhook-good.1");
  const Built bad = bench.build(bench.bus.make("t", "p", "ab/secret"));
  CHECK(bad.error.starts_with("Kafka topic: '/' at position 17 is not allowed"));
  CHECK(bad.error.ends_with("it comes from {wallet_id}"));
  CHECK(bad.error.find("secret") == std::string::npos);
  CHECK_FALSE(bench.build(bench.bus.make("t", "p", std::string(300, 'x'))).error.empty());
}

TEST_CASE("a raw topic in a template is answered with what to write") {
  config::RouteSettings settings = all();
  settings.topic = "x-$topic";
  Bench bench(settings);
  CHECK(bench.build(bench.bus.make("a::b")).error.ends_with("it comes from {topic}: write {topic:kafka}"));
}

TEST_CASE("a topic is opened once, and again after a failure") {
  config::RouteSettings settings = all();
  SUBCASE("constant") {}
  SUBCASE("by tenant") { settings.topic = "x-{tenant}"; }
  Bench bench(settings);
  bench.sink.open_error = "stopped";
  CHECK(bench.build(bench.bus.make("t")).error == "stopped");
  bench.sink.open_error.clear();
  CHECK(bench.build(bench.bus.make("t")).error.empty());
  CHECK(bench.build(bench.bus.make("t")).error.empty());
  CHECK(bench.sink.opened == 2);
}
