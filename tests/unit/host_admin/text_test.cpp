#include "admin/text.h"

#include <array>
#include <doctest/doctest.h>
#include <string>

using namespace host_stub;

TEST_CASE("UTF-8 is told from what is not") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("a plain text that is longer than one machine word"));
  CHECK(is_utf8("grün, 日本, \xF0\x9F\x98\x80"));
  CHECK_FALSE(is_utf8("\xC0\xAF"));          // overlong
  CHECK_FALSE(is_utf8("\xED\xA0\x80"));      // surrogate
  CHECK_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(is_utf8("12345678\xE2\x82"));  // cut short
  CHECK_FALSE(is_utf8("\x80"));              // continuation without a lead
  CHECK_FALSE(is_utf8("\xE2\x28\xA1"));      // no continuation
}

TEST_CASE("JSON strings escape what must be escaped, and nothing else") {
  CHECK(json_string("a\"b\\c\n\t\r") == R"("a\"b\\c\n\t\r")");
  CHECK(json_string(std::string_view("\0\x1F\x7F", 3)) == R"("\u0000\u001f\u007f")");
  CHECK(json_string("ü/") == "\"ü/\"");
}

TEST_CASE("base64 goes both ways") {
  const std::array<std::pair<std::string_view, std::string_view>, 5> pairs{
      {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {std::string_view("\0\xFF", 2), "AP8="}}};
  for (const auto& [bytes, text] : pairs) {
    std::string encoded;
    append_base64(encoded, bytes);
    CHECK(encoded == text);
    CHECK(decode_base64(text).value() == bytes);
  }
}

TEST_CASE("broken base64 is refused") {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "Z===", "Zm9v=", "Zm 9", "Zg==Zg==", "Zh==", "Zm9=", "Zm-_"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text).has_value());
  }
}

TEST_CASE("the nearest name is found, unless nothing is near") {
  const std::array<std::string_view, 3> names{"topic", "payload", "key"};
  CHECK(nearest_name("topc", names) == "topic");
  CHECK(nearest_name("paylaod", names) == "payload");
  CHECK(nearest_name("wholly different", names).empty());
}

TEST_CASE("keys are equal only if all of them is") {
  CHECK(equal_in_constant_time("secret", "secret"));
  CHECK_FALSE(equal_in_constant_time("secre", "secret"));
  CHECK_FALSE(equal_in_constant_time("secretsecret", "secret"));
  CHECK_FALSE(equal_in_constant_time("", "secret"));
  CHECK_FALSE(equal_in_constant_time("", ""));
}
