// Which dead letters were redriven, as an offset and a text.
#include "inbound/redrive_progress.h"

#include <doctest/doctest.h>
#include <set>
#include <string>

using kafka_events::RedriveProgress;

namespace {

RedriveProgress from(std::int64_t committed, std::string_view metadata = {}) {
  auto parsed = RedriveProgress::parse(committed, metadata);
  REQUIRE(parsed);
  return std::move(parsed).value();
}

}  // namespace

TEST_CASE("what is settled in order moves the offset, what is not becomes a range") {
  RedriveProgress progress = from(-1);
  CHECK(progress.next() == 0);
  progress.settle(0, 1);
  progress.settle(1, 2);
  CHECK(progress.next() == 2);
  CHECK(progress.metadata().empty());
  progress.settle(5, 6);
  progress.settle(6, 8);
  progress.settle(9, 10);
  CHECK(progress.next() == 2);
  CHECK(progress.metadata() == "1:+3-3,+1-1");
  CHECK(progress.open_below(12) == 6);
  CHECK(progress.settled(7));
  CHECK_FALSE(progress.settled(8));
  progress.settle(2, 5);
  CHECK(progress.next() == 8);
  progress.settle(8, 9);
  CHECK(progress.next() == 10);
  CHECK(progress.metadata().empty());
}

TEST_CASE("the text brings back the same ranges, relative to the offset that is committed with it") {
  RedriveProgress progress = from(1'000'000'000'000);
  std::set<std::int64_t> settled;
  for (int i = 0; i < 300; ++i) {
    const std::int64_t offset = 1'000'000'000'000 + (i * 7919) % 1000;
    progress.settle(offset, offset + 1);
    settled.insert(offset);
  }
  const RedriveProgress again = from(progress.next(), progress.metadata());
  for (std::int64_t offset = 1'000'000'000'000; offset < 1'000'000'001'000; ++offset) {
    CHECK(again.settled(offset) == settled.contains(offset));
  }
  CHECK(again.metadata() == progress.metadata());
}

TEST_CASE("records that were deleted count as settled") {
  RedriveProgress progress = from(3, "1:+2-4");
  progress.forget_below(6);
  CHECK(progress.next() == 9);
  progress.forget_below(2);
  CHECK(progress.next() == 9);
}

TEST_CASE("a text of somebody else is refused, never guessed at") {
  for (const char* text : {"x", "1:", "1:+", "1:+0-1", "1:+1-0", "1:+1", "1:+1-1,", "1:+1-1x", "2:+1-1", "1:-1-1",
                           "1:+999999999999999999999-1", "1:+1-999999999999999999,+1-999999999999999999999"}) {
    CHECK_MESSAGE(!RedriveProgress::parse(0, text).ok(), text);
  }
}
