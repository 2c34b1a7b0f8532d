// UTF-8, places, and the nearest of some names.
#include "config/report.h"
#include "config/templates.h"
#include "config/text_checks.h"
#include "support.h"

using namespace config_test;

TEST_CASE("UTF-8 is checked by RFC 3629") {
  constexpr std::size_t fine = std::string_view::npos;
  CHECK(first_invalid_utf8("") == fine);
  CHECK(first_invalid_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z") == fine);
  CHECK(first_invalid_utf8("\xf4\x8f\xbf\xbf") == fine);
  CHECK(first_invalid_utf8("ab\x80") == 2);            // a continuation without a lead
  CHECK(first_invalid_utf8("a\xc3") == 1);             // cut off
  CHECK(first_invalid_utf8("a\xe2\x82z") == 1);        // cut off by another character
  CHECK(first_invalid_utf8("\xc1\xbf") == 0);          // overlong
  CHECK(first_invalid_utf8("\xe0\x9f\xbf") == 0);      // overlong
  CHECK(first_invalid_utf8("\xf0\x8f\xbf\xbf") == 0);  // overlong
  CHECK(first_invalid_utf8("\xed\xa0\x80") == 0);      // a surrogate
  CHECK(first_invalid_utf8("\xf4\x90\x80\x80") == 0);  // beyond U+10FFFF
}

TEST_CASE("places count characters from 1") {
  const std::string_view text = "ab\n\xc3\xa4x\n";
  CHECK(mark_at(text, 0) == Mark{1, 1});
  CHECK(mark_at(text, 5) == Mark{2, 2});
  LineIndex lines(text);
  CHECK(lines.mark(1, 3) == Mark{2, 3});
  CHECK(lines.mark(0, 1) == Mark{1, 2});
  CHECK(lines.mark(1, 2) == Mark{2, 2});
  CHECK(lines.mark(9, 9).line > 0);
}

TEST_CASE("the nearest name is near enough, or there is none") {
  const std::vector<std::string_view> names = {"earliest", "latest", "none"};
  CHECK(nearest("newest", names) == "latest");
  CHECK(nearest("LATEST", names) == "latest");
  CHECK(nearest("scram", {"PLAIN", "SCRAM-SHA-256"}) == "SCRAM-SHA-256");
  CHECK(nearest("zzzzzz", names).empty());
  CHECK(nearest(std::string(1000, 'a'), names).empty());
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("messages show texts without control characters and cut long ones") {
  CHECK(quoted("a\nb") == "\"a\\x0ab\"");
  CHECK(quoted(std::string(200, 'x')).size() < 100);
}

TEST_CASE("topics are those that Kafka takes") {
  CHECK(is_topic_name("acapy-outbound.x_1"));
  CHECK(is_topic_name(std::string(249, 'a')));
  CHECK_FALSE(is_topic_name(std::string(250, 'a')));
  for (const std::string_view bad : {"", ".", "..", "a b", "a/b", "a::b", "\xc3\xa4"}) CHECK_FALSE(is_topic_name(bad));
}
