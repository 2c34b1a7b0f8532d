// Which positions of one stream hold entries.
#include "store/position_index.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace kafka_events {
namespace {

constexpr std::uint64_t block_size = 64;

std::uint64_t bit_of(std::uint64_t position) noexcept { return std::uint64_t{1} << (position % block_size); }

/// The bits of `block` whose positions lie in `range`.
std::uint64_t mask_of(std::uint64_t block, PositionRange range) noexcept {
  const std::uint64_t begin = block * block_size;
  std::uint64_t mask = ~std::uint64_t{0};
  if (range.first > begin) mask &= mask << (range.first - begin);
  if (range.end < begin + block_size) mask &= bit_of(range.end) - 1;
  return mask;
}

}  // namespace

void PositionIndex::restore(const ErasedPositions& erased, std::uint64_t end) {
  erased_ = erased;
  end_ = std::max({end, erased.floor, erased.gap.end});
}

void PositionIndex::add_found(std::uint64_t position, std::uint64_t bytes) {
  add(position, bytes);
  end_ = std::max(end_, position + 1);
}

void PositionIndex::add_next(std::uint64_t bytes) { add(end_++, bytes); }

std::uint64_t PositionIndex::reserve(std::uint64_t count) {
  // The earlier reservation is over: what held the floor back, but for entries, is gone.
  reserved_ = {};
  advance();
  if (erased_.gap.first < erased_.gap.end) unwritten_ranges_.push_back(erased_.gap);
  reserved_ = {end_, end_ + count};
  end_ += count;
  erased_.gap = {end_, end_};
  return reserved_.first;
}

bool PositionIndex::reserve_again(PositionRange left) {
  if (erased_.floor > left.first || left.end > end_) return false;
  reserved_ = left;
  if (erased_.gap.first == 0) erased_.gap = {left.end, left.end};
  return true;
}

bool PositionIndex::is_free(std::uint64_t position) const {
  return position >= reserved_.first && position < reserved_.end && !contains(position);
}

void PositionIndex::add_at(std::uint64_t position, std::uint64_t bytes) { add(position, bytes); }

void PositionIndex::add(std::uint64_t position, std::uint64_t bytes) {
  const std::uint64_t number = position / block_size;
  const bool in_last = !blocks_.empty() && blocks_.rbegin()->first == number;
  Block& block = in_last ? blocks_.rbegin()->second : blocks_[number];
  if ((block.present & bit_of(position)) != 0) return;
  block.present |= bit_of(position);
  block.bytes += bytes;
  ++entries_;
  // A reserved position may be filled anew: it is no longer to be deleted.
  if (const auto old = unwritten_.find(number); old != unwritten_.end()) old->second &= ~bit_of(position);
}

PositionIndex::Removed PositionIndex::remove(PositionRange range) {
  Removed removed;
  range.end = std::min(range.end, end_);
  if (range.first >= range.end) return removed;
  for (auto it = blocks_.lower_bound(range.first / block_size);
       it != blocks_.end() && it->first * block_size < range.end;) {
    Block& block = it->second;
    const std::uint64_t hit = block.present & mask_of(it->first, range);
    const auto count = static_cast<std::uint64_t>(std::popcount(hit));
    const std::uint64_t bytes = block.bytes * count / static_cast<std::uint64_t>(std::popcount(block.present));
    if (hit != 0) unwritten_[it->first] |= hit;
    block.present &= ~hit;
    block.bytes -= bytes;
    removed.entries += count;
    removed.bytes += bytes;
    it = block.present == 0 ? blocks_.erase(it) : std::next(it);
  }
  entries_ -= removed.entries;
  // Free positions at the front of the reservation need not be kept.
  if (range.first <= reserved_.first && range.end > reserved_.first)
    reserved_.first = std::min(range.end, reserved_.end);
  advance();
  return removed;
}

void PositionIndex::advance() {
  const std::uint64_t lowest = lowest_from(0);
  const bool held = reserved_.first < reserved_.end;
  erased_.floor = std::max(erased_.floor, held ? std::min(lowest, reserved_.first) : lowest);
  if (erased_.gap.first != 0) erased_.gap.end = std::max(erased_.gap.end, lowest_from(erased_.gap.first));
  if (erased_.floor >= erased_.gap.first) erased_.gap = {};
}

std::uint64_t PositionIndex::lowest_from(std::uint64_t position) const {
  auto it = blocks_.lower_bound(position / block_size);
  if (it != blocks_.end() && it->first == position / block_size) {
    const std::uint64_t hit = it->second.present & mask_of(it->first, {position, end_});
    if (hit != 0) return it->first * block_size + static_cast<std::uint64_t>(std::countr_zero(hit));
    ++it;
  }
  if (it == blocks_.end()) return end_;
  return it->first * block_size + static_cast<std::uint64_t>(std::countr_zero(it->second.present));
}

bool PositionIndex::contains(std::uint64_t position) const {
  const auto it = blocks_.find(position / block_size);
  return it != blocks_.end() && (it->second.present & bit_of(position)) != 0;
}

std::vector<PositionRange> PositionIndex::held(PositionRange among) const {
  std::vector<PositionRange> ranges;
  for (auto it = blocks_.lower_bound(among.first / block_size);
       it != blocks_.end() && it->first * block_size < among.end; ++it) {
    std::uint64_t left = it->second.present & mask_of(it->first, among);
    while (left != 0) {
      const auto skipped = static_cast<unsigned>(std::countr_zero(left));
      const auto count = static_cast<unsigned>(std::countr_one(left >> skipped));
      const std::uint64_t first = it->first * block_size + skipped;
      if (!ranges.empty() && ranges.back().end == first) {
        ranges.back().end += count;
      } else {
        ranges.push_back({first, first + count});
      }
      left = skipped + count == block_size ? 0 : left >> (skipped + count) << (skipped + count);
    }
  }
  return ranges;
}

std::vector<std::uint64_t> PositionIndex::take_unwritten(std::size_t limit) {
  std::vector<std::uint64_t> positions;
  while (!unwritten_.empty() && positions.size() < limit) {
    const auto [block, mask] = *unwritten_.begin();
    unwritten_.erase(unwritten_.begin());
    for (std::uint64_t left = mask; left != 0; left &= left - 1) {
      const std::uint64_t position = block * block_size + static_cast<std::uint64_t>(std::countr_zero(left));
      if (!erased_.cover(position)) positions.push_back(position);
    }
  }
  return positions;
}

std::vector<PositionRange> PositionIndex::take_unwritten_ranges() { return std::exchange(unwritten_ranges_, {}); }

void PositionIndex::put_back_unwritten(std::span<const std::uint64_t> positions,
                                       std::span<const PositionRange> ranges) {
  for (const std::uint64_t position : positions) unwritten_[position / block_size] |= bit_of(position);
  unwritten_ranges_.insert(unwritten_ranges_.end(), ranges.begin(), ranges.end());
}

}  // namespace kafka_events
