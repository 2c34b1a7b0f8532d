// Which positions of one stream hold entries, in about one byte an entry: the truth while the store is open, so that an
// erasure needs no read and may reach the disk later.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "store/outbox_store.h"

namespace kafka_events {

/// Positions without entries that need no mark of their own on disk: all below `floor`, and those in `gap`.
struct ErasedPositions {
  std::uint64_t floor = 1;
  /// Behind positions that are kept free (reserve()), which hold the floor back.
  PositionRange gap;
  [[nodiscard]] bool cover(std::uint64_t position) const noexcept {
    return position < floor || (position >= gap.first && position < gap.end);
  }
  bool operator==(const ErasedPositions& other) const noexcept {
    return floor == other.floor && gap.first == other.gap.first && gap.end == other.gap.end;
  }
};

/// Not thread-safe. Entries, positions and bytes are exact, but for the bytes of a block of 64 positions that is erased in
/// part: each of its entries counts as their mean.
class PositionIndex {
 public:
  /// As they were left; then add_found() what is there.
  void restore(const ErasedPositions& erased, std::uint64_t end);
  void add_found(std::uint64_t position, std::uint64_t bytes);

  /// The position must be end().
  void add_next(std::uint64_t bytes);
  std::uint64_t reserve(std::uint64_t count);
  /// After restore() and add_found(). False: some of these positions count as erased.
  [[nodiscard]] bool reserve_again(PositionRange left);
  [[nodiscard]] bool is_free(std::uint64_t position) const;  ///< of the latest reservation
  void add_at(std::uint64_t position, std::uint64_t bytes);

  /// How many entries and bytes that were.
  struct Removed {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
  };
  Removed remove(PositionRange range);

  [[nodiscard]] bool contains(std::uint64_t position) const;
  [[nodiscard]] std::vector<PositionRange> held(PositionRange among) const;
  [[nodiscard]] const ErasedPositions& erased() const noexcept { return erased_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }
  [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

  /// Up to `limit` removed positions that erased() does not cover and that are to be deleted one by one, each told once.
  [[nodiscard]] std::vector<std::uint64_t> take_unwritten(std::size_t limit);
  /// Positions of an earlier gap that must be deleted by their range, since erased() no longer covers them; told once.
  [[nodiscard]] std::vector<PositionRange> take_unwritten_ranges();
  void put_back_unwritten(std::span<const std::uint64_t> positions, std::span<const PositionRange> ranges);

 private:
  struct Block {
    std::uint64_t present = 0;  // a bit for each of 64 positions
    std::uint64_t bytes = 0;
  };

  void add(std::uint64_t position, std::uint64_t bytes);
  void advance();
  [[nodiscard]] std::uint64_t lowest_from(std::uint64_t position) const;

  std::map<std::uint64_t, Block> blocks_;  // none is empty
  std::map<std::uint64_t, std::uint64_t> unwritten_;
  std::vector<PositionRange> unwritten_ranges_;
  ErasedPositions erased_;
  PositionRange reserved_;  // the latest reservation, from its lowest position that is free
  std::uint64_t end_ = 1;
  std::uint64_t entries_ = 0;
};

}  // namespace kafka_events
