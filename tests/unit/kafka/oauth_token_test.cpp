// Token files: what librdkafka has to know of a token, and what is no token.
#include "kafka/oauth_token.h"

#include <doctest/doctest.h>

using namespace kafka_events;

namespace {
const auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
}

TEST_CASE("a JWT says whose it is and until when it is good") {
  // {"alg":"none"} . {"sub":"agent-7","exp":1700003600}
  const auto token = parse_oauth_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZ2VudC03IiwiZXhwIjoxNzAwMDAzNjAwfQ.\n", now);
  REQUIRE(token.ok());
  CHECK(token.value().principal == "agent-7");
  CHECK(token.value().expires_ms == 1'700'003'600'000);
  CHECK(token.value().value.ends_with("."));
}

TEST_CASE("an opaque token is read anew every few minutes") {
  const auto token = parse_oauth_token("  opaque  ", now);
  REQUIRE(token.ok());
  CHECK(token.value().value == "opaque");
  CHECK(token.value().principal == "agent");
  CHECK(token.value().expires_ms == 1'700'000'300'000);
}

TEST_CASE("what is no token is refused without quoting it") {
  const auto expired = std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000));
  const std::string jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZ2VudC03IiwiZXhwIjoxNzAwMDAzNjAwfQ.";
  CHECK_FALSE(parse_oauth_token(jwt, expired).ok());
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string("two words"), std::string("a\x01"), std::string(100'000, 'x')}) {
    const auto token = parse_oauth_token(text, now);
    REQUIRE_FALSE(token.ok());
    if (!text.empty()) CHECK(token.error().message.find("two") == std::string::npos);
  }
}
