#include "admin/target.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace host_stub;

TEST_CASE("targets are split into path and query") {
  CHECK(split_target("/a?b=c#d")->path == "/a");
  CHECK(split_target("/a?b=c#d")->query == "b=c");
  CHECK(split_target("http://host:1/a?b")->path == "/a");
  CHECK(split_target("http://host:1")->path == "/");
  CHECK_FALSE(split_target("*").has_value());
  CHECK_FALSE(split_target("").has_value());
  CHECK_FALSE(split_target("host:443").has_value());
}

TEST_CASE("percent-decoding refuses broken escapes, NUL and what is not UTF-8") {
  CHECK(percent_decode("a%20b%C3%BC+").value() == "a bü+");
  CHECK(percent_decode("a+b", true).value() == "a b");
  for (const std::string_view text : {"%", "%1", "%zz", "%00", "%FF"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decode(text).has_value());
  }
}

TEST_CASE("queries keep order, duplicates and empty values") {
  const auto parameters = parse_query("a=1&b&a=x%26y&&c=");
  REQUIRE(parameters.has_value());
  REQUIRE(parameters->size() == 4);
  CHECK((*parameters)[0].value == "1");
  CHECK((*parameters)[1].name == "b");
  CHECK((*parameters)[2].value == "x&y");
  CHECK((*parameters)[3].value.empty());
  CHECK_FALSE(parse_query("a=%G0").has_value());
}

TEST_CASE("an encoded slash does not separate segments") {
  const auto segments = path_segments("/kafka/topics/a%2Fb");
  REQUIRE(segments.has_value());
  CHECK(*segments == std::vector<std::string>{"kafka", "topics", "a/b"});
  const auto matched = PathTemplate::parse("/kafka/topics/{name}")->match(*segments);
  REQUIRE(matched.has_value());
  CHECK(matched->front().name == "name");
  CHECK(matched->front().value == "a/b");
}

TEST_CASE("a parameter matches one segment that is not empty") {
  const auto path = PathTemplate::parse("/a/{x}/c");
  REQUIRE(path.has_value());
  CHECK(path->match({"a", "b", "c"}).has_value());
  CHECK_FALSE(path->match({"a", "", "c"}).has_value());
  CHECK_FALSE(path->match({"a", "b"}).has_value());
  CHECK_FALSE(path->match({"a", "b", "c", "d"}).has_value());
}

TEST_CASE("malformed templates are refused") {
  for (const std::string_view text : {"", "a", "/{}", "/a{b}", "/{a}{b}", "/{a", "/a}", "/{x}/{x}", "/a?b", "/a%20"}) {
    CAPTURE(text);
    CHECK_FALSE(PathTemplate::parse(text).has_value());
  }
}
