// Patterns: anchored like Python's re.match, refused with a place, and never told apart wrongly by their literal
// prefix.
#include "bus/topic_pattern.h"

#include <doctest/doctest.h>

#include "agent_plugin/status.h"

namespace host_stub {
namespace {

bool matches(std::string_view pattern, std::string_view topic) {
  auto compiled = TopicPattern::compile(pattern);
  REQUIRE(compiled);
  return compiled.value().matches(topic);
}

std::string prefix(std::string_view pattern) {
  std::string_view rest;
  return literal_prefix(pattern, rest);
}

}  // namespace

TEST_CASE("a pattern matches from the topic's first character, and need not reach its last") {
  CHECK(matches("acapy::record", "acapy::record::connections"));
  CHECK(matches("^acapy::record", "acapy::record::connections"));
  CHECK_FALSE(matches("record", "acapy::record"));
  CHECK_FALSE(matches("^record", "acapy::record"));
  CHECK(matches(".*record", "acapy::record"));
  CHECK(matches("", "anything"));
}

TEST_CASE("$ ties a pattern to the topic's end") {
  CHECK(matches("acapy::webhook$", "acapy::webhook"));
  CHECK_FALSE(matches("acapy::webhook$", "acapy::webhook::x"));
  CHECK(matches("acapy::[a-z]+$", "acapy::webhook"));
  CHECK_FALSE(matches("acapy::[a-z]+$", "acapy::webhook::x"));
}

TEST_CASE("the shortcuts for plain texts give the same answer as the expression") {
  CHECK(matches("^acapy::outbound::.*", "acapy::outbound::"));
  CHECK_FALSE(matches("^acapy::outbound::.*", "acapy::outbound:"));
  CHECK(matches("a.*", "a\nb"));
  CHECK_FALSE(matches("a.*$", "a\nb"));
  CHECK(matches("käse$", "käse"));
}

TEST_CASE("the literal prefix ends before the first character that is not certain") {
  CHECK(prefix("^acapy::outbound::.*") == "acapy::outbound::");
  CHECK(prefix("acapy::(webhook|record)::.*") == "acapy::");
  CHECK(prefix("abc*") == "ab");
  CHECK(prefix("abc?d") == "ab");
  CHECK(prefix("ab{2}") == "a");
  CHECK(prefix("kä+") == "k");  // the whole character is optional, not its last byte
  CHECK(prefix("a\\.b\\.c") == "a.b.c");
  CHECK(prefix("a\\.*") == "a");
  CHECK(prefix("a\\d") == "a");
  CHECK(prefix("(?i)abc") == "");
  CHECK(prefix("^^abc") == "");
}

TEST_CASE("a pattern with several beginnings has no literal prefix") {
  CHECK(prefix("abc|abd") == "");
  CHECK(prefix("abc[(]|x") == "");      // the parenthesis opens nothing
  CHECK(prefix("abc\\Q(\\E|x") == "");  // nor does this one
  CHECK(prefix("abc\\(|x") == "");
  CHECK(matches("abc[(]|x", "x"));
}

TEST_CASE("an invalid pattern is refused with the pattern, what is wrong, and where") {
  const auto open = TopicPattern::compile("acapy::(outbound");
  REQUIRE_FALSE(open);
  CHECK(open.error().status == AGENT_E_INVALID);
  CHECK(open.error().message.find("acapy::(outbound") != std::string::npos);
  CHECK(open.error().message.find("missing )") != std::string::npos);

  const auto repeated = TopicPattern::compile("acapy::a**");
  REQUIRE_FALSE(repeated);
  CHECK(repeated.error().message.find("at character 9") != std::string::npos);

  CHECK_FALSE(TopicPattern::compile("\xff\xfe"));              // not UTF-8
  CHECK_FALSE(TopicPattern::compile("(?<=a)b"));               // look-behind is not linear
  CHECK_FALSE(TopicPattern::compile(std::string(4097, 'a')));  // longer than the bound
  CHECK_FALSE(TopicPattern::compile("((a{100}){100}){100}"));  // would take all memory
}

TEST_CASE("a pattern that makes backtracking engines explode is answered at once") {
  CHECK_FALSE(matches("(a*)*(a*)*(a*)*b$", std::string(1000, 'a')));
}

}  // namespace host_stub
