// The cache: one answer for all threads, bounded, right when full.
#include "outbound/route_cache.h"

#include <doctest/doctest.h>
#include <set>
#include <thread>

#include "fakes.h"

using namespace kafka_events;

namespace {

Router make_router() {
  const std::vector<config::RouteSettings> settings = {test::route("^t::(.*)")};
  return Router::create(settings).value();
}

}  // namespace

TEST_CASE("a topic is resolved once") {
  const Router router = make_router();
  RouteCache cache(router, "p.");
  std::unique_ptr<ResolvedTopic> holder;
  const ResolvedTopic& first = cache.find("t::x", holder);
  CHECK(holder == nullptr);
  CHECK(&cache.find(std::string("t::") + "x", holder) == &first);
  CHECK(cache.size() == 1);
  REQUIRE(first.routes.size() == 1);
  CHECK(first.routes[0].kafka_topic == "p.t-x");
  CHECK(first.routes[0].captures.at(0) == "x");
  CHECK(first.routes[0].captures.at(0).data() == first.topic.data() + 3);
}

TEST_CASE("names that differ only somewhere spread over the table") {
  // Of 4096 random numbers in a table of 8192 some 3200 are alone or first.
  const auto places = [](const std::function<std::string(int)>& name) {
    std::set<std::size_t> taken;
    for (int number = 0; number < 4096; ++number) taken.insert(hash_of_name(name(number)) & 8191U);
    return taken.size();
  };
  CHECK(places([](int number) { return std::to_string(number); }) > 3000);
  CHECK(places([](int number) { return "acapy::topic::" + std::to_string(10'000 + number); }) > 3000);
  CHECK(places([](int number) { return std::to_string(10'000 + number) + "::acapy::topic"; }) > 3000);
  CHECK(places([](int number) { return "a::" + std::to_string(10'000 + number) + "::present_proof::done"; }) > 3000);
  CHECK(hash_of_name("") == hash_of_name(std::string_view()));
}

TEST_CASE("topics without a route are remembered too") {
  const Router router = make_router();
  RouteCache cache(router, "");
  std::unique_ptr<ResolvedTopic> holder;
  CHECK(cache.find("other", holder).routes.empty());
  CHECK(cache.size() == 1);
}

TEST_CASE("a full cache still answers right") {
  const Router router = make_router();
  RouteCache cache(router, "", 4);
  for (int round = 0; round < 2; ++round) {
    for (int number = 0; number < 50; ++number) {
      std::unique_ptr<ResolvedTopic> holder;
      const std::string topic = "t::" + std::to_string(number);
      const ResolvedTopic& found = cache.find(topic, holder);
      CHECK(found.topic == topic);
      CHECK((holder != nullptr) == (number >= 4));
    }
  }
  CHECK(cache.size() == 4);
}

TEST_CASE("threads that ask for the same topics at the same time get the same entries") {
  const Router router = make_router();
  RouteCache cache(router, "", 300);
  constexpr int topics = 200;
  std::vector<std::vector<const ResolvedTopic*>> seen(4, std::vector<const ResolvedTopic*>(topics));
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < seen.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 20; ++round) {
        for (int number = 0; number < topics; ++number) {
          std::unique_ptr<ResolvedTopic> holder;
          const ResolvedTopic& found = cache.find("t::" + std::to_string(number), holder);
          if (holder == nullptr) seen[thread][static_cast<std::size_t>(number)] = &found;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<const ResolvedTopic*> entries(seen[0].begin(), seen[0].end());
  CHECK(entries.size() == topics);
  CHECK(entries.count(nullptr) == 0);
  for (const auto& of_thread : seen) CHECK(of_thread == seen[0]);
  CHECK(cache.size() == topics);
}
