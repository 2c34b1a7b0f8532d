// Which positions hold entries: floor, gap behind a reservation, and what is still to be deleted one by one.
#include "store/position_index.h"

#include <doctest/doctest.h>
#include <set>

namespace kafka_events::test {
namespace {

void add(PositionIndex& index, std::uint64_t count, std::uint64_t bytes = 10) {
  for (std::uint64_t i = 0; i < count; ++i) index.add_next(bytes);
}

}  // namespace

TEST_CASE("the floor follows what is erased in front, and stays when all is") {
  PositionIndex index;
  add(index, 200);
  CHECK(index.erased().floor == 1);
  const auto removed = index.remove({1, 100});
  CHECK(removed.entries == 99);
  CHECK(index.erased().floor == 100);
  CHECK(index.take_unwritten(10).empty());
  CHECK(index.remove({100, 1000}).entries == 101);
  CHECK(index.erased().floor == 201);
  CHECK(index.end() == 201);
  CHECK(index.entries() == 0);
  index.add_next(1);
  CHECK(index.contains(201));
}

TEST_CASE("what is erased out of order is told once, until the floor has passed it") {
  PositionIndex index;
  add(index, 10);
  index.remove({3, 5});
  index.remove({8, 9});
  CHECK(index.take_unwritten(100) == std::vector<std::uint64_t>{3, 4, 8});
  CHECK(index.take_unwritten(100).empty());
  index.put_back_unwritten(std::vector<std::uint64_t>{3, 4, 8}, {});
  index.remove({1, 3});
  CHECK(index.erased().floor == 5);
  CHECK(index.take_unwritten(100) == std::vector<std::uint64_t>{8});
}

TEST_CASE("bytes add up, whatever the order of erasures") {
  PositionIndex index;
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    index.add_next(i);
    bytes += i;
  }
  for (std::uint64_t first = 1; first <= 7; ++first) {
    for (std::uint64_t position = first; position <= 1000; position += 7) {
      bytes -= index.remove({position, position + 1}).bytes;
    }
  }
  CHECK(bytes == 0);
  CHECK(index.entries() == 0);
}

TEST_CASE("positions that are kept free hold the floor back, and a gap grows behind them") {
  PositionIndex index;
  constexpr std::uint64_t many = std::uint64_t{1} << 32U;
  const std::uint64_t first = index.reserve(many);
  CHECK(first == 1);
  CHECK(index.end() == 1 + many);
  add(index, 100);
  index.remove({1 + many, 1 + many + 60});
  CHECK(index.erased().floor == 1);
  CHECK(index.erased().gap.end == 1 + many + 60);
  CHECK(index.take_unwritten(100).empty());
  CHECK(index.is_free(5));
  CHECK_FALSE(index.is_free(1 + many));
  index.add_at(5, 10);
  CHECK_FALSE(index.is_free(5));
  CHECK(index.contains(5));
  // The next reservation ends this one: only its entry holds the floor back.
  index.reserve(10);
  CHECK_FALSE(index.is_free(6));
  CHECK(index.erased().floor == 5);
  const auto ranges = index.take_unwritten_ranges();
  REQUIRE(ranges.size() == 1);
  CHECK(ranges[0].first == 1 + many);
  CHECK(ranges[0].end == 1 + many + 60);
}

TEST_CASE("a reserved position that is filled anew is not deleted") {
  PositionIndex index;
  index.reserve(10);
  index.add_at(3, 1);
  index.remove({3, 4});
  index.add_at(3, 1);
  CHECK(index.take_unwritten(10).empty());
  CHECK(index.contains(3));
}

TEST_CASE("erasing free positions in front gives them up") {
  PositionIndex index;
  index.reserve(10);
  add(index, 1);
  index.remove({1, 11});
  CHECK_FALSE(index.is_free(5));
  CHECK(index.erased().floor == 11);
}

TEST_CASE("it agrees with a plain set, whatever is done") {
  PositionIndex index;
  std::set<std::uint64_t> plain;
  std::uint64_t random = 7;
  const auto next = [&](std::uint64_t below) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    return (random >> 33U) % below;
  };
  for (int round = 0; round < 20'000; ++round) {
    switch (next(8)) {
      case 0: {
        const std::uint64_t first = next(index.end() + 5);
        const PositionRange range{first, first + next(100)};
        const auto removed = index.remove(range);
        const auto from = plain.lower_bound(range.first);
        const auto to = plain.lower_bound(range.end);
        CHECK(removed.entries == static_cast<std::uint64_t>(std::distance(from, to)));
        plain.erase(from, to);
        break;
      }
      case 1:
        if (next(50) == 0) index.reserve(next(300));
        break;
      case 2:
        if (const std::uint64_t place = next(index.end()); index.is_free(place)) {
          index.add_at(place, 1);
          plain.insert(place);
        }
        break;
      default:
        plain.insert(index.end());
        index.add_next(1);
    }
    CHECK(index.entries() == plain.size());
    for (const std::uint64_t position : plain) {
      if (index.erased().cover(position)) FAIL("an entry is taken for erased: ", position);
    }
    if (plain.size() > 300) {
      index.remove({0, *std::next(plain.begin(), 200)});
      plain.erase(plain.begin(), std::next(plain.begin(), 200));
    }
  }
  for (std::uint64_t position = 0; position < index.end(); ++position) {
    if (index.contains(position) != plain.contains(position)) FAIL("differs at ", position);
  }
}

TEST_CASE("held positions are told as ranges") {
  PositionIndex index;
  add(index, 300);
  index.remove({1, 5});
  index.remove({64, 65});
  index.remove({127, 200});
  const auto ranges = index.held({0, 250});
  REQUIRE(ranges.size() == 3);
  CHECK((ranges[0].first == 5 && ranges[0].end == 64));
  CHECK((ranges[1].first == 65 && ranges[1].end == 127));
  CHECK((ranges[2].first == 200 && ranges[2].end == 250));
  CHECK(index.held({1, 5}).empty());
}

TEST_CASE("a reservation goes on after a restart, and holds the floor back again") {
  PositionIndex before;
  add(before, 10);
  const std::uint64_t first = before.reserve(100);
  add(before, 5);
  before.add_at(first, 10);
  before.remove({1, first});
  PositionIndex after;
  after.restore(before.erased(), before.end());
  for (const PositionRange range : before.held({0, before.end()})) {
    for (std::uint64_t position = range.first; position < range.end; ++position) after.add_found(position, 10);
  }
  REQUIRE(after.reserve_again({first + 1, first + 100}));
  CHECK_FALSE(after.is_free(first));
  CHECK(after.is_free(first + 1));
  after.remove({first, first + 1});
  after.remove({first + 100, first + 105});
  CHECK(after.erased().floor == first + 1);
  after.add_at(first + 1, 10);
  CHECK(after.contains(first + 1));
  CHECK_FALSE(after.reserve_again({first, first + 100}));  // below the floor
}

}  // namespace kafka_events::test
