// Percentiles without the values.
#include "requests/latencies.h"

#include <chrono>
#include <doctest/doctest.h>

namespace {

using namespace kafka_events;
using namespace std::chrono_literals;

const Latencies::Time start = Latencies::Time{} + 1h;

}  // namespace

TEST_CASE("nothing was measured: nothing is told") {
  const Latencies none;
  CHECK(none.percentile(0.5, start) == 0);
}

TEST_CASE("small values are exact, large ones within a sixteenth") {
  for (const std::int64_t value : {0, 1, 15, 16, 17, 31, 32, 1000, 123'456, 7'000'000}) {
    Latencies one;
    one.add(std::chrono::microseconds(value), start);
    const auto told = static_cast<std::int64_t>(one.percentile(0.99, start));
    CHECK(told >= value);
    CHECK(told <= value + value / 16);
  }
}

TEST_CASE("the median and the 99th percentile of 1 to 1000") {
  Latencies latencies;
  for (int value = 1; value <= 1000; ++value) latencies.add(std::chrono::microseconds(value), start);
  CHECK(latencies.percentile(0.5, start) >= 500);
  CHECK(latencies.percentile(0.5, start) <= 532);
  CHECK(latencies.percentile(0.99, start) >= 990);
  CHECK(latencies.percentile(0.99, start) <= 1052);
  CHECK(latencies.percentile(1.0, start) >= 1000);
}

TEST_CASE("values beyond the last bucket, and clocks that go back, count at the ends") {
  Latencies latencies;
  latencies.add(std::chrono::hours(24 * 365), start);
  CHECK(latencies.percentile(1.0, start) > 500'000'000'000);
  latencies.add(-5us, start);
  CHECK(latencies.percentile(0.5, start) == 0);
}

TEST_CASE("what is old is forgotten: two windows take turns") {
  Latencies latencies;
  latencies.add(1000us, start);
  latencies.add(10us, start + 150s);
  CHECK(latencies.percentile(1.0, start + 150s) >= 1000);
  CHECK(latencies.percentile(1.0, start + 150s + 125s) == 10);
  CHECK(latencies.percentile(1.0, start + 1h) == 0);
  latencies.add(20us, start + 1h);
  CHECK(latencies.percentile(1.0, start + 1h) == 20);
  CHECK(latencies.percentile(0.1, start + 1h) == 20);
}
