// The event that the verb `request` publishes, and the events that it takes for its answer.
#include "cli/request_event.h"

#include <doctest/doctest.h>
#include <re2/re2.h>
#include <string>

#include "admin/event_parser.h"

namespace {

using namespace host_stub;
using namespace host_stub::cli;

RequestOptions options() {
  RequestOptions wanted;
  wanted.topic = "a.b::question";
  wanted.source = "hello";
  return wanted;
}

std::string header_of(const EventFields& event, std::string_view name) {
  for (const auto& header : event.headers) {
    if (header.name == name) return header.value.value_or("(null)");
  }
  return "(none)";
}

std::string told(const std::string& topic, const std::string& header, const std::string& value) {
  return R"({"topic":")" + topic + R"(","headers":[{"name":")" + header + R"(","value":")" + value +
         R"("},{"name":"reason","value":"because"}],"payload":"answer"})";
}

}  // namespace

TEST_CASE("the event has an id, a correlation id and a deadline of its own") {
  RequestOptions wanted = options();
  wanted.tenant = "wallet";
  wanted.key = std::string("\xFF\x00", 2);
  wanted.headers = {{"x", "1"}, {"y", "\xFE"}};
  wanted.timeout = std::chrono::seconds(7);
  const auto made = make_request(wanted);
  REQUIRE(made.ok());
  const auto event = parse_event(made.value().json);
  REQUIRE(event.ok());
  CHECK(event.value().topic == "a.b::question");
  CHECK(event.value().tenant == "wallet");
  CHECK(event.value().key == wanted.key);
  CHECK(event.value().payload == "hello");
  CHECK(event.value().id == made.value().id);
  CHECK(header_of(event.value(), "x") == "1");
  CHECK(header_of(event.value(), "y") == "\xFE");
  CHECK(header_of(event.value(), "kafka_correlationId") == made.value().correlation);
  CHECK(header_of(event.value(), "agent-request-timeout-ms") == "7000");
  CHECK(made.value().id.size() == 32);
  CHECK(make_request(wanted).value().id != made.value().id);
}

TEST_CASE("a correlation id that is given is used") {
  RequestOptions wanted = options();
  wanted.headers = {{"kafka_correlationId", "mine"}};
  const auto made = make_request(wanted);
  REQUIRE(made.ok());
  CHECK(made.value().correlation == "mine");
  CHECK(header_of(parse_event(made.value().json).value(), "kafka_correlationId") == "mine");
}

TEST_CASE("what is no event is refused") {
  RequestOptions wanted = options();
  wanted.topic.assign(1, '\xFF');
  CHECK(make_request(wanted).error().status == AGENT_E_INVALID);
  wanted = options();
  wanted.source = "@/nonexistent";
  CHECK_FALSE(make_request(wanted).ok());
}

TEST_CASE("the pattern means this topic, letter by letter") {
  const RE2 pattern(answer_pattern("a.b::question"));
  CHECK(RE2::FullMatch("a.b::question::reply", pattern));
  CHECK(RE2::FullMatch("a.b::question::reply_timeout", pattern));
  CHECK(RE2::FullMatch("a.b::question::undeliverable", pattern));
  CHECK_FALSE(RE2::FullMatch("aXb::question::reply", pattern));
  CHECK_FALSE(RE2::FullMatch("a.b::question::replying", pattern));
}

TEST_CASE("answers are told apart, and those of other requests are not taken") {
  const RequestEvent request{"id-1", "c-1", ""};
  const auto read = [&](const std::string& suffix, const std::string& header, const std::string& value) {
    return read_answer(told("q" + suffix, header, value), request, "q");
  };
  const auto reply = read("::reply", "kafka_correlationId", "c-1");
  REQUIRE(reply.has_value());
  CHECK(reply->kind == AnswerKind::reply);
  CHECK(reply->payload == "answer");
  CHECK(read("::reply_timeout", "kafka_correlationId", "c-1")->kind == AnswerKind::timeout);
  const auto undeliverable = read("::undeliverable", "event-id", "id-1");
  REQUIRE(undeliverable.has_value());
  CHECK(undeliverable->kind == AnswerKind::undeliverable);
  CHECK(undeliverable->reason == "because");
  CHECK_FALSE(read("::reply", "kafka_correlationId", "c-2").has_value());
  CHECK_FALSE(read("::reply", "event-id", "id-1").has_value());
  CHECK_FALSE(read("::undeliverable", "event-id", "id-2").has_value());
  CHECK_FALSE(read("::late_reply", "kafka_correlationId", "c-1").has_value());
  CHECK_FALSE(read_answer("no json", request, "q").has_value());
}

TEST_CASE("payloads that are no text come back as they were") {
  const RequestEvent request{"id", "c", ""};
  const auto answer = read_answer(
      R"({"topic":"q::reply","headers":[{"name":"kafka_correlationId","value_base64":"Yw=="}],"payload_base64":"AP8="})",
      request, "q");
  REQUIRE(answer.has_value());
  CHECK(answer->payload == std::string("\0\xFF", 2));
}
