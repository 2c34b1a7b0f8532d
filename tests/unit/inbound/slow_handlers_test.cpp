// A record that is seen unfinished again and again is old.
#include "inbound/slow_handlers.h"

#include <array>
#include <doctest/doctest.h>

namespace {

using namespace kafka_events;
using namespace std::chrono_literals;

const TopicPartition zero{"t", 0};
const TopicPartition one{"t", 1};
const auto start = SlowHandlers::Clock::time_point{} + 1h;

}  // namespace

TEST_CASE("the oldest of all partitions is told, and reported once when it is over the limit") {
  SlowHandlers slow(30s);
  CHECK(slow.due(start));
  CHECK_FALSE(slow.look(std::array{InFlightRecord{zero, 5, 1}}, start));
  CHECK_FALSE(slow.due(start + 500ms));
  CHECK_FALSE(slow.look(std::array{InFlightRecord{zero, 5, 1}, InFlightRecord{one, 9, 1}}, start + 10s));
  const auto oldest = slow.oldest(start + 12s);
  REQUIRE(oldest);
  CHECK(oldest->partition == zero);
  CHECK(oldest->offset == 5);
  CHECK(oldest->age == 12s);
  CHECK_FALSE(oldest->too_old);
  CHECK(slow.look(std::array{InFlightRecord{zero, 5, 1}}, start + 31s));
  CHECK(slow.oldest(start + 31s)->too_old);
  CHECK_FALSE(slow.look(std::array{InFlightRecord{zero, 5, 1}}, start + 32s));
  CHECK(slow.look(std::array{InFlightRecord{zero, 5, 1}}, start + 31s + SlowHandlers::report_interval));
}

TEST_CASE("another record, or another attempt, begins anew") {
  SlowHandlers slow(30s);
  (void)slow.look(std::array{InFlightRecord{zero, 5, 1}}, start);
  CHECK_FALSE(slow.look(std::array{InFlightRecord{zero, 6, 1}}, start + 40s));
  CHECK_FALSE(slow.look(std::array{InFlightRecord{zero, 6, 2}}, start + 80s));
  CHECK(slow.oldest(start + 80s)->age == 0s);
  (void)slow.look({}, start + 81s);
  CHECK_FALSE(slow.oldest(start + 82s));
}

TEST_CASE("the record at hand is told with its event topic") {
  AtHandNote note;
  CHECK(note.get().record.empty());
  note.note("t", 0, 3, "a::b");
  note.note("t", 0, 4, "a::b");
  CHECK(note.get().record == "t:0:4");
  CHECK(note.get().event_topic == "a::b");
  note.note("t", 1, 1, "c");
  CHECK(note.get().record == "t:1:1");
  CHECK(note.get().event_topic == "c");
}
