// Keys land where Java clients put them.
#include "outbound/partitioner.h"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace kafka_events;

// Vectors of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
TEST_CASE("murmur2 equals Java's") {
  CHECK(static_cast<std::int32_t>(murmur2("21")) == -973932308);
  CHECK(static_cast<std::int32_t>(murmur2("foobar")) == -790332482);
  CHECK(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")) == -985981536);
  CHECK(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")) == -1486304829);
  CHECK(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) == -58897971);
  CHECK(static_cast<std::int32_t>(murmur2("abc")) == 479470107);
}

// Vectors of librdkafka's own unit test (rdmurmur2.c), which were computed with Java.
TEST_CASE("murmur2 equals librdkafka's for short and unaligned keys") {
  CHECK(murmur2("kafka") == 0xd067cf64);
  CHECK(murmur2("giberish123456789") == 0x8f552b0c);
  CHECK(murmur2("1234") == 0x9fc97b14);
  CHECK(murmur2("234") == 0xe7c009ca);
  CHECK(murmur2("34") == 0x873930da);
  CHECK(murmur2("4") == 0x5a4b5ca1);
  CHECK(murmur2("PreAmbleWillBeRemoved,ThePrePartThatIs") == 0x78424f1c);
  CHECK(murmur2("") == 0x106e08d9);
}

TEST_CASE("the index of a key is stable and within the count") {
  std::set<std::uint32_t> seen;
  for (int number = 0; number < 1000; ++number) {
    const std::string key = std::to_string(number);
    const std::uint32_t index = index_for_key(key, 7);
    CHECK(index < 7);
    CHECK(index == index_for_key(key, 7));
    seen.insert(index);
  }
  CHECK(seen.size() == 7);
  CHECK(index_for_key("21", 10) == ((static_cast<std::uint32_t>(-973932308) & 0x7fffffffU) % 10));
}
