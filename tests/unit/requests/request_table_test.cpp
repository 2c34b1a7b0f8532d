// Who waits, and for how long.
#include "requests/request_table.h"

#include <chrono>
#include <doctest/doctest.h>
#include <string>

namespace {

using namespace kafka_events;
using namespace std::chrono_literals;

const RequestTable::Time start = RequestTable::Time{} + 1h;

PendingRequest request(const std::string& id, std::chrono::milliseconds timeout = 1000ms) {
  PendingRequest made;
  made.correlation_id = id;
  made.topic = "a::question";
  made.opened = start;
  made.due = start + timeout;
  return made;
}

}  // namespace

TEST_CASE("a request is found once") {
  RequestTable table(10);
  REQUIRE(table.add(request("one")).ok());
  CHECK(table.size() == 1);
  const auto taken = table.take("one");
  REQUIRE(taken.has_value());
  CHECK(taken->topic == "a::question");
  CHECK_FALSE(taken->late);
  CHECK_FALSE(table.take("one").has_value());
  CHECK(table.size() == 0);
  CHECK_FALSE(table.next_due().has_value());
}

TEST_CASE("an id that waits already is refused, and the first one goes on waiting") {
  RequestTable table(10);
  REQUIRE(table.add(request("one", 500ms)).ok());
  const auto second = table.add(request("one", 100ms));
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == ErrorCode::exists);
  CHECK(table.next_due() == start + 500ms);
}

TEST_CASE("no more than the bound wait") {
  RequestTable table(2);
  REQUIRE(table.add(request("1")).ok());
  REQUIRE(table.add(request("2")).ok());
  const auto third = table.add(request("3"));
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().code == ErrorCode::busy);
  CHECK(third.error().message.find("2 requests wait") != std::string::npos);
  table.remove("1");
  CHECK(table.add(request("3")).ok());
}

TEST_CASE("what is put back is not refused, but does not replace one that waits") {
  RequestTable table(1);
  REQUIRE(table.add(request("1")).ok());
  auto taken = table.take("1");
  REQUIRE(table.add(request("2")).ok());
  table.put_back(std::move(*taken));
  CHECK(table.size() == 2);
  table.put_back(request("2", 5ms));
  CHECK(table.size() == 2);
  CHECK(table.next_due() == start + 1000ms);
}

TEST_CASE("deadlines are looked at in their order, and what expires is known as late") {
  RequestTable table(10);
  for (const auto& [id, timeout] : {std::pair{"slow", 300ms}, {"fast", 100ms}, {"middle", 200ms}}) {
    REQUIRE(table.add(request(id, timeout)).ok());
  }
  CHECK(table.expire(start + 99ms, 10).empty());
  const auto first = table.expire(start + 200ms, 1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].correlation_id == "fast");
  const auto second = table.expire(start + 200ms, 10);
  REQUIRE(second.size() == 1);
  CHECK(second[0].correlation_id == "middle");
  CHECK(table.size() == 1);
  const auto late = table.take("fast");
  REQUIRE(late.has_value());
  CHECK(late->late);
}

TEST_CASE("a late one gives way to a new request of the same id") {
  RequestTable table(10);
  REQUIRE(table.add(request("one", 10ms)).ok());
  CHECK(table.expire(start + 10ms, 10).size() == 1);
  REQUIRE(table.add(request("one", 500ms)).ok());
  CHECK_FALSE(table.take("one")->late);
  CHECK(table.take_all().empty());
}

TEST_CASE("late ones are forgotten in time, and beyond the bound the oldest first") {
  RequestTable table(2);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(table.add(request(std::to_string(i), 10ms)).ok());
    CHECK(table.expire(start + 10ms + i * 1ms, 10).size() == 1);
  }
  CHECK_FALSE(table.take("0").has_value());
  CHECK(table.take("1").has_value());
  CHECK(table.expire(start + RequestTable::late_time + 1s, 10).empty());
  CHECK_FALSE(table.take("2").has_value());
}

TEST_CASE("all at once, for an end or a handover") {
  RequestTable table(10);
  REQUIRE(table.add(request("waits")).ok());
  REQUIRE(table.add(request("late", 1ms)).ok());
  CHECK(table.expire(start + 1ms, 10).size() == 1);
  const auto all = table.take_all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].correlation_id == "waits");
  CHECK(all[1].late);
  CHECK(table.take_all().empty());
  CHECK_FALSE(table.take("waits").has_value());
}
