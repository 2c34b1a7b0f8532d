// Which routes a topic takes, and what is wrong with a bad route.
#include "outbound/router.h"

#include <doctest/doctest.h>

#include "fakes.h"

using namespace kafka_events;
using test::route;

namespace {

config::RouteSettings named(const char* name, const char* match, bool continues = false) {
  config::RouteSettings settings = route(match);
  settings.name = name;
  settings.continue_matching = continues;
  settings.place = {"agent.yml", 12, 5, "kafka_events.outbound"};
  return settings;
}

std::string taken(const Router& router, std::string_view topic) {
  std::string names;
  for (const RouteMatch& match : router.match(topic)) {
    names += (names.empty() ? "" : ",") + router.routes()[match.route].settings.name;
  }
  return names;
}

std::string error_of(const config::RouteSettings& settings) {
  const Result<Router> router = Router::create(std::span(&settings, 1));
  return router.ok() ? "" : router.error().message;
}

}  // namespace

TEST_CASE("the first route that matches wins unless it continues") {
  const std::vector<config::RouteSettings> settings = {named("a", "^x::a"), named("all", "x::.*", true),
                                                       named("b", "x::b"), named("late", ".*")};
  const Result<Router> router = Router::create(settings);
  REQUIRE(router.ok());
  struct Row {
    const char* topic;
    const char* routes;
  };
  for (const Row& row : {Row{"x::a", "a"}, Row{"x::ab", "a"}, Row{"x::b", "all,b"}, Row{"x::c", "all,late"},
                         Row{"y", "late"}, Row{"", "late"}, Row{"yx::a", "late"}}) {
    CAPTURE(row.topic);
    CHECK(taken(router.value(), row.topic) == row.routes);
  }
}

TEST_CASE("a pattern is matched from the start of the topic, and need not reach its end") {
  const std::vector<config::RouteSettings> settings = {named("a", "acapy::webhook"), named("b", "b$")};
  const Result<Router> router = Router::create(settings);
  CHECK(taken(router.value(), "acapy::webhook::ping") == "a");
  CHECK(taken(router.value(), "xacapy::webhook") == "");
  CHECK(taken(router.value(), "bb") == "");
  CHECK(taken(router.value(), "b") == "b");
}

TEST_CASE("groups are views into the topic") {
  const std::vector<config::RouteSettings> settings = {named("a", "^x::([^:]*)(?:::(.*))?$")};
  const Result<Router> router = Router::create(settings);
  const std::string topic = "x::one::two";
  const std::vector<RouteMatch> matches = router.value().match(topic);
  REQUIRE(matches.size() == 1);
  REQUIRE(matches[0].captures.size() == 2);
  CHECK(matches[0].captures[0] == "one");
  CHECK(matches[0].captures[1] == "two");
  CHECK(matches[0].captures[1].data() == topic.data() + 8);
  CHECK(router.value().match("x::one")[0].captures[1] == "");
}

TEST_CASE("a bad route is refused with its name and place") {
  CHECK(error_of(named("outbound.1", "x(")).starts_with("outbound.1 (agent.yml:12:5): match: \"x(\": missing ): x("));
  CHECK(error_of(named("r", "(?=x)")).find("match:") != std::string::npos);
  config::RouteSettings settings = named("r", "x(.)");
  settings.topic = "{nothing}";
  CHECK(error_of(settings).starts_with("r (agent.yml:12:5): topic: position 1: {nothing} is not known"));
  settings.topic = "{2}";
  CHECK(error_of(settings) == "r (agent.yml:12:5): topic: {2} is used, but the pattern has 1 group");
  settings.topic = "a b-{1}";
  CHECK(error_of(settings).starts_with("r (agent.yml:12:5): topic: ' ' cannot be in a Kafka topic name"));
  settings.topic = "fine";
  settings.key = "{tenant";
  CHECK(error_of(settings).starts_with("r (agent.yml:12:5): key: position 1:"));
  settings.key = "any text: {1}";
  CHECK(error_of(settings) == "");
}

TEST_CASE("a route of the defaults has no place to show") {
  config::RouteSettings settings = route("(");
  CHECK(error_of(settings).starts_with("default: match:"));
}

TEST_CASE("a pattern that explodes elsewhere is linear here") {
  const std::vector<config::RouteSettings> settings = {named("a", "(a*)*b$")};
  const Result<Router> router = Router::create(settings);
  CHECK(taken(router.value(), std::string(1024, 'a')) == "");
}
