// The reader of answers towards its consumer: offsets, pressure, partitions that come and go.
#include <chrono>
#include <doctest/doctest.h>
#include <optional>

#include "reply_fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::reply_test;
using namespace std::chrono_literals;

auto now() { return std::chrono::steady_clock::now(); }

}  // namespace

TEST_CASE("an answer that the bus cannot take is tried again, and holds up those behind it and the offset") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  REQUIRE(a.ask("2").ok());
  a.bus.answer = [](const Told&) { return Result<void>(Error(ErrorCode::state, "the host is ending")); };
  a.reader.on_record(a.records.answer(0, "1"));
  a.reader.on_record(a.records.answer(1, "2"));
  CHECK(a.reader.wants_pause());
  CHECK(a.reader.next_turn_within() == 1ms);
  CHECK(a.watermark() == -1);
  CHECK(a.pending.status().pending == 2);
  CHECK(a.records.released == 0);
  a.reader.on_turn(now());
  CHECK(a.reader.wants_pause());
  a.bus.answer = [](const Told&) { return Result<void>(); };
  a.reader.on_turn(now());
  CHECK_FALSE(a.reader.wants_pause());
  REQUIRE(a.bus.told.size() == 2);
  CHECK(a.bus.told[0].header("kafka_correlationId") == "1");
  CHECK(a.bus.told[1].header("kafka_correlationId") == "2");
  CHECK(a.watermark() == 2);
  CHECK(a.records.released == 2);
  CHECK(a.pending.status().answered == 2);
}

TEST_CASE("an answer that can never become an event is told as a timeout with the reason, and passed") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  a.bus.answer = [](const Told& event) {
    if (event.topic.ends_with("::reply")) return Result<void>(Error(ErrorCode::too_large, "9 bytes are too many"));
    return Result<void>();
  };
  a.reader.on_record(a.records.answer(0, "1"));
  REQUIRE(a.bus.told.size() == 1);
  CHECK(a.bus.told[0].topic == "a::question::reply_timeout");
  CHECK(a.bus.told[0].header("reason").find("9 bytes are too many") != std::string::npos);
  CHECK(a.watermark() == 1);
  CHECK(a.log.lines.size() == 1);
}

TEST_CASE("while a thousand answers are with their handlers no more are read") {
  Fixture a(2000);
  a.assign();
  a.bus.completes = false;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(a.ask(std::to_string(i)).ok());
    a.reader.on_record(a.records.answer(i, std::to_string(i)));
  }
  CHECK(a.reader.wants_pause());
  CHECK(a.reader.in_flight() == 1000);
  CHECK_FALSE(a.reader.is_quiet());
  CHECK(a.watermark() == 1000);
  a.bus.complete_all();
  CHECK_FALSE(a.reader.wants_pause());
  CHECK(a.reader.is_quiet());
}

TEST_CASE("handlers that come to an end after everything else harm nobody") {
  Bus bus;
  {
    NoLog log;
    Records records;
    PendingRequests pending({10, ".*"}, bus, log);
    pending.reader().on_assigned(both);
    Event event;
    event.topic = "q";
    REQUIRE(pending.open("1", event, 1h).ok());
    bus.completes = false;
    pending.reader().on_record(records.answer(0, "1"));
  }
  REQUIRE(bus.waiting.size() == 1);
  bus.complete_all();
}

TEST_CASE("a handler of an answer may ask the next question at once") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  a.bus.answer = [&](const Told& event) {
    return event.header("kafka_correlationId") == "1" ? a.ask("2") : Result<void>();
  };
  a.reader.on_record(a.records.answer(0, "1"));
  a.reader.on_record(a.records.answer(1, "2"));
  CHECK(a.bus.told.size() == 2);
  CHECK(a.pending.status().answered == 2);
}

TEST_CASE("partitions that are given back: their watermarks, and nothing of theirs is kept") {
  Fixture a;
  a.assign();
  REQUIRE(a.ask("1").ok());
  a.reader.on_record(a.records.answer(4, "nobody"));
  a.bus.answer = [](const Told&) { return Result<void>(Error(ErrorCode::state, "no")); };
  a.reader.on_record(a.records.answer(5, "1"));
  const auto last = a.reader.on_revoked(both, now());
  REQUIRE(last.size() == 1);
  CHECK(last[0].partition == both[0]);
  CHECK(last[0].next_offset == 5);
  CHECK(a.records.released == 2);
  CHECK_FALSE(a.reader.wants_pause());
  // It is read once more, by whoever has the partition then: here this very process.
  a.bus.answer = [](const Told&) { return Result<void>(); };
  a.assign();
  a.reader.on_record(a.records.answer(5, "1"));
  CHECK(a.pending.status().answered == 1);
}

TEST_CASE("each partition has a watermark of its own") {
  Fixture a;
  a.assign();
  a.reader.on_record(a.records.make(10, {}, "x", 0));
  a.reader.on_record(a.records.make(20, {}, "x", 1));
  a.reader.on_record(a.records.make(11, {}, "x", 0));
  const auto moved = a.reader.watermarks();
  REQUIRE(moved.size() == 2);
  CHECK(moved[0].next_offset == 12);
  CHECK(moved[1].next_offset == 21);
}
