// What is remembered, for how long, and how much of it. The clock is a number here.
#include <doctest/doctest.h>

#include "registry/schema_memory.h"

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

const SchemaMemory::Time start{1000s};
constexpr std::chrono::milliseconds refresh{60s};
const SubjectRequest latest{.subject = "s-value"};

RegistryQuestion question(const SubjectRequest& request) {
  return {0, std::string(request.subject), request.version, std::string(request.text), request.auto_register};
}

}  // namespace

TEST_CASE("a question is put once; its answer is one object") {
  SchemaMemory memory(refresh);
  CHECK(memory.find(7, start).ask);
  CHECK_FALSE(memory.find(7, start).ask);
  const SchemaPointer kept = memory.learn({.id = 7}, {7, "\"int\"", {}}, start);
  CHECK(memory.schema(7) == kept);
  CHECK(memory.find(7, start + 24h).schema == kept);
  CHECK(memory.learn(question(latest), {7, "\"int\"", {}}, start) == kept);
}

TEST_CASE("a refusal counts for some seconds, then the question is put again") {
  SchemaMemory memory(refresh);
  CHECK(memory.find(7, start).ask);
  memory.learn({.id = 7}, Error(ErrorCode::not_found, "no"), start);
  const auto refused = memory.find(7, start + 4999ms);
  REQUIRE(refused.failure);
  CHECK(refused.failure->message == "no");
  CHECK_FALSE(refused.ask);
  const auto again = memory.find(7, start + 5s);
  CHECK_FALSE(again.failure);
  CHECK(again.ask);
}

TEST_CASE("a question that was dropped may be put again") {
  SchemaMemory memory(refresh);
  CHECK(memory.find(7, start).ask);
  CHECK(memory.find(latest, start).ask);
  memory.drop({.id = 7});
  memory.drop(question(latest));
  CHECK(memory.find(7, start).ask);
  CHECK(memory.find(latest, start).ask);
}

TEST_CASE("the latest is asked anew when it is old; the old answer is used until then") {
  SchemaMemory memory(refresh);
  CHECK(memory.find(latest, start).ask);
  const SchemaPointer old = memory.learn(question(latest), {1, "\"int\"", {}}, start);
  CHECK_FALSE(memory.find(latest, start + 59s).ask);
  const auto aged = memory.find(latest, start + 60s);
  CHECK(aged.schema == old);
  CHECK(aged.ask);
  CHECK_FALSE(memory.find(latest, start + 61s).ask);
  memory.drop(question(latest));  // nobody answered for a minute
  CHECK(memory.find(latest, start + 121s).schema == old);
  const SchemaPointer newer = memory.learn(question(latest), {2, "\"long\"", {}}, start + 122s);
  CHECK(memory.find(latest, start + 123s).schema == newer);
  CHECK_FALSE(memory.find(latest, start + 123s).ask);
}

TEST_CASE("fixed versions and texts are asked once for all time") {
  SchemaMemory memory(refresh);
  const SubjectRequest second{.subject = "s-value", .version = 2};
  const SubjectRequest text{.subject = "s-value", .text = "\"int\""};
  for (const SubjectRequest& each : {second, text}) {
    CHECK(memory.find(each, start).ask);
    memory.learn(question(each), {5, "\"int\"", {}}, start);
    CHECK(memory.find(each, start + 24h).schema->id == 5);
    CHECK_FALSE(memory.find(each, start + 24h).ask);
  }
  CHECK(memory.find({.subject = "s-value", .text = "\"Int\""}, start).ask);
}

TEST_CASE("who wants to register does not take the answer of one who did not") {
  SchemaMemory memory(refresh);
  const SubjectRequest lookup{.subject = "s", .text = "\"int\""};
  SubjectRequest enroll = lookup;
  enroll.auto_register = true;
  CHECK(memory.find(lookup, start).ask);
  CHECK_FALSE(memory.find(enroll, start).ask);  // first the answer to the other
  memory.learn(question(lookup), Error(ErrorCode::not_found, "no"), start);
  CHECK(memory.find(enroll, start).ask);
  memory.learn(question(enroll), Error(ErrorCode::invalid, "incompatible"), start);
  CHECK(memory.find(enroll, start).failure->message == "incompatible");
}

TEST_CASE("another version of the module knows all of it") {
  SchemaMemory memory(refresh);
  const SubjectRequest second{.subject = "s-value", .version = 2};
  const SubjectRequest spaced{.subject = "t-value", .text = " \"int\" "};
  const SubjectRequest same{.subject = "t-value", .text = "\"int\""};
  memory.learn(question(latest), {1, "\"int\"", {"\"x\""}}, start);
  memory.learn(question(second), {2, "\"long\"", {}}, start);
  memory.learn(question(spaced), {1, "\"int\"", {}}, start);
  memory.learn(question(same), {1, "\"int\"", {}}, start);
  memory.learn({.id = 9}, Error(ErrorCode::not_found, "no"), start);
  SchemaMemory other(refresh);
  other.take_over(memory.known(), start);
  CHECK(other.schemas() == 2);
  CHECK(other.schema(1)->references == std::vector<std::string>{"\"x\""});
  for (const SubjectRequest& each : {second, spaced, same}) {
    const auto found = other.find(each, start);
    REQUIRE(found.schema);
    CHECK(found.schema == other.schema(found.schema->id));
    CHECK_FALSE(found.ask);
  }
  CHECK(other.find(latest, start).schema->id == 1);
  CHECK(other.find(9, start).ask);
}

TEST_CASE("what was the latest of another version is asked anew at its first use") {
  SchemaMemory memory(refresh);
  memory.take_over({{1, "\"int\"", {}, {{"s-value", -1}}}}, start);
  const auto found = memory.find(latest, start);
  CHECK(found.schema->id == 1);
  CHECK(found.ask);
}

TEST_CASE("memory is bounded, whatever ids and subjects come") {
  SchemaMemory memory(refresh);
  const SchemaPointer held = memory.learn({.id = 1}, {1, "\"int\"", {}}, start);
  for (std::uint32_t id = 2; id < 50000; ++id) memory.learn({.id = id}, {id, "\"int\"", {}}, start);
  CHECK(memory.schemas() == max_schemas);
  CHECK(memory.schema(1) == held);
  CHECK_FALSE(memory.schema(2));
  for (std::uint32_t id = 100000; id < 200000; ++id) {
    if (memory.find(id, start).ask) memory.learn({.id = id}, Error(ErrorCode::not_found, "no"), start);
  }
  CHECK(memory.find(199999, start).failure);
  CHECK_FALSE(memory.find(100000, start).failure);  // made room
}
