// A bounded hash table from a name to an immutable entry that is never taken out: readers take no lock and write
// nothing.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace kafka_events {

/// Eight bytes at a time, the last eight overlapping: names are short, and std::hash takes longer than all the rest of
/// find().
[[nodiscard]] inline std::size_t hash_of_name(std::string_view name) noexcept {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
  constexpr std::size_t step = sizeof(std::uint64_t);
  const auto word_at = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data() + at, step);
    return word;
  };
  std::uint64_t state = name.size();
  const auto mix = [&state](std::uint64_t word) {
    state = (state ^ word) * odd;
    state ^= state >> 32;
  };
  if (name.size() < step) {
    for (const char character : name) mix(static_cast<unsigned char>(character));
    mix(0);
    return static_cast<std::size_t>(state);
  }
  for (std::size_t at = 0; at + step < name.size(); at += step) mix(word_at(at));
  mix(word_at(name.size() - step));
  mix(0);  // names that differ in their last characters only have differed in the highest bits until here
  return static_cast<std::size_t>(state);
}

/// `Entry` has `std::string_view name() const`, constant while it lives. All functions but the destructor: any thread.
template <class Entry>
class InsertOnlyTable {
 public:
  explicit InsertOnlyTable(std::size_t max_entries)
      : max_entries_(std::max<std::size_t>(max_entries, 1)),
        mask_(std::bit_ceil(max_entries_ * 2) - 1),
        slots_(std::make_unique<std::atomic<Entry*>[]>(mask_ + 1)) {}

  ~InsertOnlyTable() {
    for (std::size_t slot = 0; slot <= mask_; ++slot) delete slots_[slot].load(std::memory_order_relaxed);
  }
  InsertOnlyTable(const InsertOnlyTable&) = delete;
  InsertOnlyTable& operator=(const InsertOnlyTable&) = delete;

  /// The entry, valid as long as the table, or null.
  [[nodiscard]] const Entry* find(std::string_view name) const noexcept {
    for (std::size_t slot = hash_of_name(name) & mask_;; slot = (slot + 1) & mask_) {
      const Entry* entry = slots_[slot].load(std::memory_order_acquire);
      if (entry == nullptr || entry->name() == name) return entry;
    }
  }

  /// Takes the entry and returns it, or the one that another thread was first with. Full: null, and `entry` stays.
  const Entry* insert(std::unique_ptr<Entry>& entry) {
    if (size_.fetch_add(1, std::memory_order_relaxed) >= max_entries_) {
      size_.fetch_sub(1, std::memory_order_relaxed);
      return nullptr;
    }
    // At most half of the slots are ever taken: there is a free one.
    for (std::size_t slot = hash_of_name(entry->name()) & mask_;; slot = (slot + 1) & mask_) {
      Entry* present = nullptr;
      if (slots_[slot].compare_exchange_strong(present, entry.get(), std::memory_order_acq_rel)) {
        return entry.release();
      }
      if (present->name() == entry->name()) {
        size_.fetch_sub(1, std::memory_order_relaxed);
        entry.reset();
        return present;
      }
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

 private:
  const std::size_t max_entries_;
  const std::size_t mask_;
  std::unique_ptr<std::atomic<Entry*>[]> slots_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace kafka_events
