// The table: who is found for a topic, in which order, and that the index by prefixes loses nobody.
#include "bus/subscription_table.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <random>

namespace host_stub {
namespace {

std::unique_ptr<Subscription> subscription(std::uint64_t token, const std::vector<std::string>& patterns) {
  auto made = std::make_unique<Subscription>();
  made->token = token;
  for (const std::string& pattern : patterns) {
    auto compiled = TopicPattern::compile(pattern);
    REQUIRE(compiled);
    made->patterns.push_back(std::make_shared<const TopicPattern>(std::move(compiled).value()));
  }
  return made;
}

std::vector<std::uint64_t> tokens(const std::vector<Subscription*>& found) {
  std::vector<std::uint64_t> numbers;
  for (const Subscription* each : found) numbers.push_back(each->token);
  return numbers;
}

}  // namespace

TEST_CASE("subscriptions are found in the order of subscribing, each once") {
  const auto first = subscription(1, {"acapy::record::.*", "acapy::.*"});
  const auto second = subscription(2, {".*::active$"});
  const auto third = subscription(3, {"acapy::record::connections"});
  const SubscriptionTable none(7);
  const auto table = none.with(*first)->with(*second)->with(*third);
  CHECK(tokens(table->match("acapy::record::connections::active")) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(tokens(table->match("acapy::webhook")) == std::vector<std::uint64_t>{1});
  CHECK(table->match("other").empty());
}

TEST_CASE("a removed subscription is not found, and older tables stay as they were") {
  const auto first = subscription(1, {"a"});
  const auto second = subscription(2, {"a", "b"});
  const SubscriptionTable none(7);
  const auto both = none.with(*first)->with(*second);
  const auto one = both->without(*first);
  CHECK(tokens(one->match("ab")) == std::vector<std::uint64_t>{2});
  CHECK(tokens(both->match("ab")) == std::vector<std::uint64_t>{1, 2});
  CHECK(one->generation() != both->generation());
}

TEST_CASE("the index finds exactly what trying every pattern finds") {
  const std::vector<std::string> parts = {"a",  "b",     "ab",   "::", ".",   ".*", "a?",
                                          "b+", "(a|b)", "[ab]", "$",  "a|b", "ba"};
  std::mt19937 random(20240607);
  const auto pick = [&](std::size_t size) { return std::uniform_int_distribution<std::size_t>(0, size - 1)(random); };
  std::vector<std::unique_ptr<Subscription>> all;
  auto table = std::make_unique<const SubscriptionTable>(random());
  for (std::uint64_t token = 1; token <= 300; ++token) {
    std::string pattern = pick(2) == 0 ? "^" : "";
    for (std::size_t count = pick(4) + 1; count > 0; --count) pattern += parts[pick(parts.size())];
    if (!TopicPattern::compile(pattern)) continue;
    all.push_back(subscription(token, {pattern}));
    table = table->with(*all.back());
  }
  for (int round = 0; round < 500; ++round) {
    std::string topic;
    for (std::size_t count = pick(6) + 1; count > 0; --count) topic += parts[pick(4)];
    std::vector<std::uint64_t> expected;
    for (const auto& each : all) {
      if (each->patterns[0]->matches(topic)) expected.push_back(each->token);
    }
    CHECK(tokens(table->match(topic)) == expected);
  }
}

}  // namespace host_stub
