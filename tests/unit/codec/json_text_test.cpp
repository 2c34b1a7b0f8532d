// UTF-8 and JSON checks on good, bad and hostile text.
#include "codec/json_text.h"

#include <doctest/doctest.h>

using namespace kafka_events;

TEST_CASE("UTF-8 of every length is accepted") {
  CHECK_FALSE(first_invalid_utf8(""));
  CHECK_FALSE(first_invalid_utf8("plain"));
  CHECK_FALSE(first_invalid_utf8("\u00e9 \u20ac \U0001f600"));
  CHECK_FALSE(first_invalid_utf8("\xf4\x8f\xbf\xbf"));  // U+10FFFF
  CHECK_FALSE(first_invalid_utf8("\xed\x9f\xbf"));      // U+D7FF
}

TEST_CASE("what is not UTF-8 is found where it begins") {
  CHECK(first_invalid_utf8("ab\x80") == 2);            // continuation byte alone
  CHECK(first_invalid_utf8("\xc0\xaf") == 0);          // overlong
  CHECK(first_invalid_utf8("a\xe0\x80\xaf") == 1);     // overlong
  CHECK(first_invalid_utf8("\xed\xa0\x80") == 0);      // surrogate
  CHECK(first_invalid_utf8("\xf4\x90\x80\x80") == 0);  // above U+10FFFF
  CHECK(first_invalid_utf8("\xf5\x80\x80\x80") == 0);
  CHECK(first_invalid_utf8("x\xe2\x82") == 1);  // cut off
  CHECK(first_invalid_utf8("\xc3") == 0);
  CHECK(first_invalid_utf8("\xe2\x82x") == 0);
}

TEST_CASE("every kind of JSON value is accepted") {
  for (const char* text : {"null", "true", "-0.5e+10", "\"\"", "[]", "{}", " {\"a\":[1,{\"b\":null}]}\n",
                           "\"\\ud83d\\ude00\"", "123456789012345678901234567890"}) {
    CAPTURE(text);
    CHECK(check_json(text).ok());
  }
}

TEST_CASE("what is not JSON is refused with an offset and without its text") {
  for (const char* text :
       {"",       " ",       "{",     "[1,]",  "{\"a\":1,}",   "{'a':1}",  "nul",   "01",          "1.",    "+1", "NaN",
        "\"\n\"", "\"\\x\"", "{} {}", "[1 2]", "\"\xc0\xaf\"", "\"\xff\"", "/**/1", "\"\\ud800\"", "SECRET"}) {
    CAPTURE(text);
    const Result<void> checked = check_json(text);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == ErrorCode::invalid);
    CHECK(checked.error().message.find("offset") != std::string::npos);
    CHECK(checked.error().message.find("SECRET") == std::string::npos);
  }
}

TEST_CASE("a NUL byte does not hide what follows it") {
  CHECK_FALSE(check_json(std::string_view("{}\0{}", 5)).ok());
  CHECK_FALSE(check_json(std::string_view("{}\0", 3)).ok());
  CHECK_FALSE(check_json(std::string_view("\"a\0b\"", 5)).ok());
}

TEST_CASE("nesting is bounded") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(check_json(nested(max_json_depth)).ok());
  const Result<void> deep = check_json(nested(max_json_depth + 1));
  REQUIRE_FALSE(deep.ok());
  CHECK(deep.error().code == ErrorCode::too_large);
  CHECK_FALSE(check_json(std::string(1'000'000, '[')).ok());
}

TEST_CASE("a number that no double holds is told apart from text that is no JSON") {
  CHECK(check_json("1e999").error().code == ErrorCode::too_large);
}

TEST_CASE("strings are escaped as JSON wants it") {
  std::string out = "x";
  append_json_string(out, std::string_view("a\"\\\n\r\t\x01\x1f\0\u00e9/", 12));
  CHECK(out == "x\"a\\\"\\\\\\n\\r\\t\\u0001\\u001f\\u0000\u00e9/\"");
  CHECK(check_json(std::string_view(out).substr(1)).ok());
}
