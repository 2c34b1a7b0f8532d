// UTF-8 and JSON checks on good, bad and hostile text.
#include "codec/json_text.h"

#include <doctest/doctest.h>
#include <random>

#include "codec/json_reader.h"
#include "codec/json_scan.h"

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

TEST_CASE("the fast check takes nothing that RapidJSON refuses, and most of what it takes") {
  struct Nothing : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Nothing>, JsonHandler {
    bool StartObject() { return enter(); }
    bool StartArray() { return enter(); }
    bool EndObject(Length) { return leave(), true; }
    bool EndArray(Length) { return leave(), true; }
  };
  const std::string good =
      "{\"a\":[1,-2.5e+10,true,false,null,\"\\u00e9\\n\\\"x\u00e9\u20ac\U0001f600 and more text than a "
      "word\"],\"b\":{\"c\":[],"
      "\"d\":{}},\"e\" : 0.25 }\n";
  REQUIRE(is_surely_json(good));
  std::mt19937 random(20261121);
  constexpr std::string_view bytes("{}[]:,\"\\ 0159-+.eEtfnu\x01\x7f\x80\xc3\xa9\xed\xa0\xff\0", 31);
  int taken = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = good;
    for (std::uint32_t change = 0, changes = 1 + random() % 2; change < changes; ++change) {
      const std::size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, 1 + random() % 3);
      } else {
        text[at] = bytes[random() % bytes.size()];
      }
    }
    if (!is_surely_json(text)) continue;
    ++taken;
    Nothing handler;
    rapidjson::MemoryStream stream(text.data(), text.size());
    CAPTURE(text);
    REQUIRE(read_json(stream, handler).ok());
  }
  CHECK(taken > 10'000);
}

TEST_CASE("what the fast check leaves to RapidJSON is accepted all the same") {
  for (const std::string& text : {std::string("\"\\ud83d\\ude00\""), std::string(100, '9'), std::string("1e300")}) {
    CAPTURE(text);
    CHECK_FALSE(is_surely_json(text));
    CHECK(check_json(text).ok());
  }
}
