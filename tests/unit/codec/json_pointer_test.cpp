// JSON pointers: the examples of RFC 6901 and what leads nowhere.
#include "codec/json_pointer.h"

#include <doctest/doctest.h>

using namespace kafka_events;

namespace {

std::string find(std::string_view pointer, std::string_view json) {
  const Result<JsonPointer> compiled = JsonPointer::compile(pointer);
  REQUIRE(compiled.ok());
  std::string out;
  const Result<void> found = compiled.value().append_value(json, out);
  return found.ok() ? out : "error: " + found.error().message;
}

}  // namespace

TEST_CASE("members and elements are found by name and index") {
  const char* json = R"({"a":{"b":["x",{"c":7}],"":"empty"},"a/b":1,"m~n":8,"k\"l":6,"d":-1.5e+10,"t":true,"n":null})";
  CHECK(find("/a/b/0", json) == "x");
  CHECK(find("/a/b/1/c", json) == "7");
  CHECK(find("/a/", json) == "empty");
  CHECK(find("/a~1b", json) == "1");
  CHECK(find("/m~0n", json) == "8");
  CHECK(find("/k\"l", json) == "6");
  CHECK(find("/d", json) == "-1.5e+10");
  CHECK(find("/t", json) == "true");
  CHECK(find("/n", json) == "");
  CHECK(find("", "\"root\"") == "root");
}

TEST_CASE("names of other levels and siblings do not match") {
  CHECK(find("/a/c", R"({"x":{"a":{"c":1}},"c":2,"a":{"y":{"c":3},"c":4}})") == "4");
  CHECK(find("/1", R"([[5,6],["x"],7])").starts_with("error"));
  CHECK(find("/2", R"([[5,6],["x"],7])") == "7");
  CHECK(find("/a", R"({"a":1,"a":2})") == "1");
}

TEST_CASE("escapes in the text are undone") {
  CHECK(find("/\u00e9", R"({"\u00e9":"\ud83d\ude00\n"})") == "\U0001f600\n");
}

TEST_CASE("a pointer that leads nowhere is an error without the text") {
  for (const char* pointer : {"/b", "/a/b", "/0", "/a/0/1"}) {
    const std::string message = find(pointer, R"({"a":["SECRET"]})");
    CHECK(message.starts_with("error: there is no such member"));
    CHECK(message.find("SECRET") == std::string::npos);
  }
  for (const char* pointer : {"/2", "/-", "/01", "/-1", "/99999999999999999999999"}) {
    CHECK(find(pointer, "[1,2]").starts_with("error"));
  }
  CHECK(find("/a", R"({"a":{}})").starts_with("error: the value is an object or array"));
  CHECK(find("/a", "{\"b\":1,}").starts_with("error"));
  CHECK(find("/a", "").starts_with("error"));
  CHECK(find("/a", std::string(1'000'000, '[')).starts_with("error"));
}

TEST_CASE("a pointer that is none is refused with its place") {
  CHECK_FALSE(JsonPointer::compile("a").ok());
  const Result<JsonPointer> bad = JsonPointer::compile("/a~2");
  REQUIRE_FALSE(bad.ok());
  CHECK(bad.error().message.find("position 2") != std::string::npos);
  CHECK_FALSE(JsonPointer::compile("/a~").ok());
}
