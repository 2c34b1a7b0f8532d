// Requests from open() to what becomes of them.
#include <chrono>
#include <doctest/doctest.h>

#include "reply_fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::reply_test;
using namespace std::chrono_literals;

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

TEST_CASE("before the reply topics are assigned no request is taken, and afterwards none is when the consumer ended") {
  Fixture a;
  const auto early = a.ask("1");
  REQUIRE_FALSE(early.ok());
  CHECK(early.error().code == ErrorCode::busy);
  a.assign();
  CHECK(a.ask("1").ok());
  a.reader.attach(nullptr);
  CHECK(a.ask("2").error().code == ErrorCode::busy);
  CHECK(a.pending.status().refused == 2);
  CHECK(a.pending.status().sent == 1);
}

TEST_CASE("nothing to read yet is as good: topics that appear later are read from their beginning") {
  Fixture a;
  a.reader.on_assigned({});
  CHECK(a.ask("1").ok());
}

TEST_CASE("an answer becomes an event of the request's tenant, as it came") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  a.reader.on_record(a.records.make(7, {{"kafka_correlationId", "1"},
                                        {"content-type", "application/json"},
                                        {"agent-tenant", "somebody"},
                                        {"agent-topic", "acapy::outbound::stolen"},
                                        {"agent-cause", "elsewhere"},
                                        {"x", "1"},
                                        {"x", "2"}}));
  REQUIRE(a.bus.told.size() == 1);
  const Told& reply = a.bus.told[0];
  CHECK(reply.topic == "a::question::reply");
  CHECK(reply.tenant == "wallet");
  CHECK(reply.key == "key");
  CHECK(reply.id == "a.reply:0:7");
  CHECK(reply.payload == "answer");
  CHECK(reply.content_type == "application/json");
  using Headers = Records::Headers;
  CHECK(reply.headers == Headers{{"kafka_correlationId", "1"}, {"x", "1"}, {"x", "2"}, {"agent-cause", "event-1"}});
  CHECK(a.records.released == 1);
  CHECK(a.watermark() == 8);
  CHECK(a.watermark() == -1);
  const RequestStatus status = a.pending.status();
  CHECK(status.answered == 1);
  CHECK(status.pending == 0);
  CHECK(status.latency_p99_us >= status.latency_p50_us);
}

TEST_CASE("a null payload and a null key stay null") {
  Fixture a;
  a.assign();
  Event event;
  event.topic = "a::question";
  REQUIRE(a.pending.open("1", event, 1h).ok());
  InboundRecord record = a.records.answer(0, "1");
  record.value = {};
  a.reader.on_record(record);
  REQUIRE(a.bus.told.size() == 1);
  CHECK(a.bus.told[0].null_payload);
  CHECK(a.bus.told[0].null_key);
}

TEST_CASE("second answers, strangers' answers and records without an id are counted and passed") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  a.reader.on_record(a.records.answer(0, "1"));
  a.reader.on_record(a.records.answer(1, "1"));
  a.reader.on_record(a.records.answer(2, "of another instance"));
  a.reader.on_record(a.records.make(3, {}));
  CHECK(a.bus.told.size() == 1);
  CHECK(a.pending.status().unknown == 3);
  CHECK(a.watermark() == 4);
  CHECK(a.records.released == 4);
}

TEST_CASE("no answer in time: told once, and what comes later is told as late") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1", 50ms).ok());
  a.reader.on_turn(in(0ms));
  CHECK(a.bus.told.empty());
  a.reader.on_turn(in(60ms));
  a.reader.on_turn(in(60ms));
  REQUIRE(a.bus.told.size() == 1);
  const Told& timeout = a.bus.told[0];
  CHECK(timeout.topic == "a::question::reply_timeout");
  CHECK(timeout.tenant == "wallet");
  CHECK(timeout.key == "key");
  CHECK(timeout.null_payload);
  CHECK(timeout.header("kafka_correlationId") == "1");
  CHECK(timeout.header("agent-cause") == "event-1");
  CHECK(timeout.header("reason") == "(none)");
  a.reader.on_record(a.records.answer(0, "1"));
  REQUIRE(a.bus.told.size() == 2);
  CHECK(a.bus.told[1].topic == "a::question::late_reply");
  const RequestStatus status = a.pending.status();
  CHECK(status.timed_out == 1);
  CHECK(status.late == 1);
  CHECK(status.answered == 0);
}

TEST_CASE("a request that was not sent after all waits for nobody") {
  Fixture a(1);
  a.assign();
  REQUIRE(a.ask("1", 1ms).ok());
  a.pending.cancel("1");
  a.pending.cancel("never heard of");
  CHECK(a.ask("2", 1h).ok());
  a.reader.on_turn(in(1s));
  CHECK(a.bus.told.empty());
}

TEST_CASE("a deadline is looked at soon after it") {
  Fixture a;
  a.assign();
  CHECK(a.reader.next_turn_within() == 100ms);
  REQUIRE(a.ask("1", 30ms).ok());
  CHECK(a.reader.next_turn_within() <= 30ms);
  CHECK(a.reader.next_turn_within() >= 1ms);
}

TEST_CASE("at a stop all that wait are told, with the reason") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  REQUIRE(a.ask("2").ok());
  REQUIRE(a.ask("late", 1ms).ok());
  a.reader.on_turn(in(5ms));
  a.bus.told.clear();  // the late one was told already
  a.pending.give_up("the Kafka plugin is stopped");
  REQUIRE(a.bus.told.size() == 2);
  CHECK(a.bus.told[0].topic == "a::question::reply_timeout");
  CHECK(a.bus.told[0].header("reason") == "the Kafka plugin is stopped");
  CHECK(a.pending.status().pending == 0);
  a.pending.give_up("again");
  CHECK(a.bus.told.size() == 2);
}
