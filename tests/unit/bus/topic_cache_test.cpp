// The cache: bounded, replaces what was not used lately, and never answers with another topic's handlers.
#include "bus/topic_cache.h"

#include <doctest/doctest.h>
#include <string>

#include "bus/topic_hash.h"

namespace host_stub {
namespace {

CachedTopic* entry(const std::string& topic, std::uint64_t generation = 1) {
  return CachedTopic::create(topic, topic_hash(topic, 1), generation, {});
}
CachedTopic* find(const TopicCache& cache, const std::string& topic) { return cache.find(topic_hash(topic, 1), topic); }

}  // namespace

TEST_CASE("an entry is found by its topic, with its handlers") {
  TopicCache cache(64);
  Subscription handler;
  Subscription* const handlers[] = {&handler};
  const std::string topic = "acapy::record::connections::active";
  CHECK(find(cache, topic) == nullptr);
  CHECK(cache.put(CachedTopic::create(topic, topic_hash(topic, 1), 3, handlers)) == nullptr);
  const CachedTopic* found = find(cache, topic);
  REQUIRE(found != nullptr);
  CHECK(found->topic() == topic);
  CHECK(found->generation() == 3);
  REQUIRE(found->handlers().size() == 1);
  CHECK(found->handlers()[0] == &handler);
}

TEST_CASE("two topics with one hash are told apart") {
  TopicCache cache(64);
  CHECK(cache.put(CachedTopic::create("first", 42, 1, {})) == nullptr);
  CHECK(cache.find(42, "other") == nullptr);
  CHECK(cache.put(CachedTopic::create("other", 42, 1, {})) == nullptr);
  CHECK(cache.find(42, "first") != nullptr);
  CHECK(cache.find(42, "other") != nullptr);
}

TEST_CASE("a newer entry of a topic takes the place of the older one") {
  TopicCache cache(64);
  CachedTopic* old = entry("topic", 1);
  CHECK(cache.put(old) == nullptr);
  CHECK(cache.put(entry("topic", 2)) == old);
  CachedTopic::destroy(old);
  CHECK(find(cache, "topic")->generation() == 2);
  CHECK(cache.size() == 1);
}

TEST_CASE("a full cache replaces and never grows") {
  TopicCache cache(64);
  for (int number = 0; number < 10'000; ++number) CachedTopic::destroy(cache.put(entry(std::to_string(number))));
  CHECK(cache.size() <= 64);
  CHECK(cache.size() > 32);
  CHECK(find(cache, "9999") != nullptr);
}

TEST_CASE("a topic that is in use survives many that come once") {
  TopicCache cache(4);  // one set
  CachedTopic::destroy(cache.put(entry("hot")));
  int kept = 0;
  for (int number = 0; number < 300; ++number) {
    if (CachedTopic* hot = find(cache, "hot"); hot != nullptr) {
      hot->mark_used();
      ++kept;
    } else {
      CachedTopic::destroy(cache.put(entry("hot")));
    }
    CachedTopic::destroy(cache.put(entry(std::to_string(number))));
  }
  CHECK(kept > 200);
}

}  // namespace host_stub
