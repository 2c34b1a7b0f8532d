#include "admin/event_parser.h"

#include <array>
#include <doctest/doctest.h>
#include <string>

#include "admin/event_lines.h"

using namespace host_stub;

namespace {

EventFields parsed(std::string_view json) {
  auto event = parse_event(json);
  REQUIRE_MESSAGE(event.ok(), (event.ok() ? "" : event.error().message));
  return std::move(event).value();
}

std::string fault(std::string_view json) {
  const auto event = parse_event(json);
  REQUIRE_FALSE(event.ok());
  return event.error().message;
}

}  // namespace

TEST_CASE("payloads: a string is its bytes, anything else its compact JSON") {
  CHECK(parsed(R"({"topic":"a","payload":"x\u0000ü"})").payload == std::string("x\0ü", 4));
  CHECK(parsed(R"({"topic":"a"})").payload == "");
  CHECK_FALSE(parsed(R"({"topic":"a","payload":null})").payload.has_value());
  CHECK(parsed(R"({"topic":"a","payload": {"b" : [ 1 , {"c":null} , "d\n" ], "e": true}})").payload ==
        R"({"b":[1,{"c":null},"d\n"],"e":true})");
  CHECK(parsed(R"({"topic":"a","payload":[ ]})").payload == "[]");
  CHECK(parsed(R"({"topic":"a","payload":false})").payload == "false");
  CHECK(parsed(R"({"topic":"a","payload_base64":"AP8="})").payload == std::string("\0\xFF", 2));
}

TEST_CASE("numbers in payloads keep the digits that they were written with") {
  CHECK(parsed(R"({"topic":"a","payload":1.10})").payload == "1.10");
  CHECK(parsed(R"({"topic":"a","payload":{"n":[12345678901234567890123, -0.0, 1E+300]}})").payload ==
        R"({"n":[12345678901234567890123,-0.0,1E+300]})");
}

TEST_CASE("all fields arrive") {
  const EventFields event = parsed(R"({"id":"1","topic":"a::b","tenant":"t","key":"k","content_type":"text/plain",)"
                                   R"("timestamp_us":1700000000000001,"headers":{"a":"1","a":null}})");
  CHECK(event.id == "1");
  CHECK(event.topic == "a::b");
  CHECK(event.tenant == "t");
  CHECK(event.key == "k");
  CHECK(event.content_type == "text/plain");
  CHECK(event.timestamp_us == 1'700'000'000'000'001);
  REQUIRE(event.headers.size() == 2);
  CHECK(event.headers[0].value == "1");
  CHECK_FALSE(event.headers[1].value.has_value());
}

TEST_CASE("a list of headers keeps order, duplicates and bytes") {
  const EventFields event = parsed(
      R"({"topic":"a","headers":[{"name":"x","value":"1"},{"value_base64":"/w==","name":"x"},{"name":"y"}],"key_base64":"/w=="})");
  REQUIRE(event.headers.size() == 3);
  CHECK(event.headers[0].name == "x");
  CHECK(event.headers[1].value == "\xFF");
  CHECK_FALSE(event.headers[2].value.has_value());
  CHECK(event.key == "\xFF");
}

TEST_CASE("null stands for absent, but not for the topic") {
  const EventFields event = parsed(
      R"({"topic":"a","tenant":null,"key":null,"id":null,"content_type":null,"timestamp_us":null,"headers":null})");
  CHECK_FALSE(event.key.has_value());
  CHECK(event.timestamp_us == 0);
  CHECK(fault(R"({"topic":null})").find("topic") != std::string::npos);
}

TEST_CASE("what is wrong is said") {
  struct Case {
    std::string json;
    std::string_view message;
  };
  const std::array cases{
      Case{"", "not JSON"},
      Case{"[]", "an event is a JSON object"},
      Case{"[{\"topic\":\"a\"}]", "an event is a JSON object"},
      Case{"\"a\"", "an event is a JSON object"},
      Case{"{}", "\"topic\" is required"},
      Case{R"({"topic":""})", "\"topic\" is required"},
      Case{R"({"topic":1})", "\"topic\" is a string"},
      Case{R"({"topic":{}})", "\"topic\" is a string"},
      Case{R"({"topic":")" + std::string(1025, 'a') + "\"}", "longer than 1024 bytes"},
      Case{R"({"topik":"a"})", "unknown field \"topik\" (did you mean \"topic\"?)"},
      Case{R"({"topic":"a","something":1})", "unknown field \"something\""},
      Case{R"({"topic":"a","topic":"b"})", "given twice"},
      Case{R"({"topic":"a","payload":1,"payload_base64":""})", "either \"payload\" or \"payload_base64\""},
      Case{R"({"topic":"a","key":"1","key_base64":""})", "either \"key\" or \"key_base64\""},
      Case{R"({"topic":"a","payload_base64":"%%"})", "not base64"},
      Case{R"({"topic":"a","timestamp_us":"1"})", "whole number"},
      Case{R"({"topic":"a","timestamp_us":1.5})", "whole number"},
      Case{R"({"topic":"a","timestamp_us":-1})", "whole number"},
      Case{R"({"topic":"a","timestamp_us":99999999999999999999})", "whole number"},
      Case{R"({"topic":"a","headers":"x"})", "\"headers\" is"},
      Case{R"({"topic":"a","headers":{"x":1}})", "a header's value is a string"},
      Case{R"({"topic":"a","headers":["x"]})", "list of objects"},
      Case{R"({"topic":"a","headers":[{}]})", "needs a \"name\""},
      Case{R"({"topic":"a","headers":[{"name":1}]})", "\"name\" is a string"},
      Case{R"({"topic":"a","headers":[{"name":"x","valeu":""}]})", "did you mean \"value\""},
      Case{R"({"topic":"a","headers":[{"name":"x","value":"","value_base64":""}]})", "either \"value\""},
      Case{R"({"topic":"a","tenant":[]})", "\"tenant\" is a string"},
      Case{R"({"topic":"a"} x)", "not JSON"},
      Case{R"({"topic":"a",})", "not JSON"},
      Case{R"({"topic":"\ud800"})", "not JSON"},
      Case{"{\"topic\":\"\xFF\"}", "not UTF-8"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.json);
    const std::string message = fault(each.json);
    CAPTURE(message);
    CHECK(message.find(each.message) != std::string::npos);
  }
}

TEST_CASE("deep nesting is refused, not followed") {
  CHECK(parsed(R"({"topic":"a","payload":)" + std::string(100, '[') + std::string(100, ']') + "}").payload->size() ==
        200);
  CHECK(fault(R"({"topic":"a","payload":)" + std::string(4'000'000, '[')).find("nested deeper") != std::string::npos);
}

TEST_CASE("faults never repeat values") {
  const std::string message = fault(R"({"topic":"a","tenant":"swordfish","timestamp_us":"swordfish"})");
  CHECK(message.find("swordfish") == std::string::npos);
}

TEST_CASE("one object over several lines is one event, objects on lines are many") {
  CHECK_FALSE(is_line_by_line("application/json", "{\n  \"topic\": \"a\",\n  \"payload\":\n{\"b\":1}\n}\n"));
  CHECK_FALSE(is_line_by_line("", "{\"topic\":\"a\"}\n"));
  CHECK(is_line_by_line("", "{\"topic\":\"a\"}\n{\"topic\":\"b\"}\n"));
  CHECK(is_line_by_line("application/json", "garbage\n{\"topic\":\"b\"}\n"));
  CHECK(is_line_by_line("application/x-ndjson; charset=utf-8", "{\"topic\":\"a\"}"));
}

TEST_CASE("blank lines are passed over but counted") {
  EventLines lines("\n a \r\n\n b", true);
  const auto first = lines.next();
  REQUIRE(first.has_value());
  CHECK(first->number == 2);
  CHECK(first->text == "a");
  CHECK(lines.next()->number == 4);
  CHECK_FALSE(lines.next().has_value());
}
