// Answers for people.
#include "cli/tables.h"

#include <doctest/doctest.h>

using namespace host_stub::cli;

TEST_CASE("columns are as wide as their widest cell, counted in characters") {
  CHECK(format_table({{"NAME", "N"}, {"ä", "1"}, {"longer", "22"}}) == "NAME    N\nä       1\nlonger  22\n");
}

TEST_CASE("JSON becomes indented lines") {
  CHECK(json_for_people(R"({"a":1,"b":{"c":[2,3],"d":null},"e":[],"f":{},"g":true})") ==
        "a: 1\nb:\n  c: 2, 3\n  d: -\ne: -\nf: -\ng: yes\n");
  CHECK(json_for_people(R"({"list":[{"x":1,"y":2},{"x":3}]})") == "list:\n  - x: 1\n    y: 2\n  - x: 3\n");
}

TEST_CASE("numbers keep their digits, control characters do not reach the terminal") {
  CHECK(json_for_people(R"({"n":12345678901234567890123})") == "n: 12345678901234567890123\n");
  CHECK(json_for_people(R"({"t":"a\u001b[2Jb"})") == "t: a [2Jb\n");
}

TEST_CASE("what is no JSON stays as it is") {
  CHECK(json_for_people("no json") == "no json\n");
  CHECK(json_on_one_line("{\n \"a\": 1 }") == "{\"a\":1}");
}

TEST_CASE("problem details are told in words") {
  CHECK(problem_in_words(404, R"({"title":"Not Found","detail":"no such route","status":404})") ==
        "Not Found: no such route (404)");
  CHECK(problem_in_words(500, "") == "the host answered 500");
  CHECK(problem_in_words(502, "<html>") == "the host answered 502: <html>");
}
