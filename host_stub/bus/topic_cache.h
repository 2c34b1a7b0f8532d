// Which handlers a topic reaches, remembered: a fixed number of places, read without locks. A full cache replaces what
// was not used lately; it never grows, and refuses nothing.
//
// Entries are immutable and belong to the cache while they are in it. Whoever displaces one frees it once no reader can
// hold it any more (bus_core.h: epochs).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bus/subscription_table.h"

namespace host_stub {

/// One topic and its handlers, in one allocation: the struct, the pointers, the topic's bytes.
class CachedTopic {
 public:
  static CachedTopic* create(std::string_view topic, std::uint64_t hash, std::uint64_t generation,
                             std::span<Subscription* const> handlers);
  static void destroy(CachedTopic* entry) noexcept;

  /// Handlers may only be touched if `generation` is that of a table that was found during the same reading.
  [[nodiscard]] std::span<Subscription* const> handlers() const noexcept { return {pointers(), handler_count_}; }
  [[nodiscard]] std::string_view topic() const noexcept {
    return {reinterpret_cast<const char*>(pointers() + handler_count_), topic_size_};
  }
  [[nodiscard]] bool is(std::uint64_t hash, std::string_view topic) const noexcept {
    return hash == hash_ && topic == this->topic();
  }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  void mark_used() noexcept {
    if (!used_.load(std::memory_order_relaxed)) used_.store(true, std::memory_order_relaxed);
  }
  /// Was it used since the last call?
  bool take_used() noexcept { return used_.exchange(false, std::memory_order_relaxed); }

 private:
  CachedTopic(std::string_view topic, std::uint64_t hash, std::uint64_t generation,
              std::span<Subscription* const> handlers) noexcept;
  [[nodiscard]] Subscription* const* pointers() const noexcept {
    return reinterpret_cast<Subscription* const*>(this + 1);
  }

  std::uint64_t hash_;
  std::uint64_t generation_;
  std::uint32_t handler_count_;
  std::uint16_t topic_size_;
  std::atomic<bool> used_{true};
};

class TopicCache {
 public:
  explicit TopicCache(std::size_t places);
  ~TopicCache();
  TopicCache(const TopicCache&) = delete;
  TopicCache& operator=(const TopicCache&) = delete;

  /// Within an epoch. Null: not there; an entry of an older generation may be returned.
  [[nodiscard]] CachedTopic* find(std::uint64_t hash, std::string_view topic) const noexcept {
    const Set& set = sets_[hash & mask_];
    for (const Cell& cell : set.cells) {
      if (cell.hash.load(std::memory_order_relaxed) != hash) continue;
      CachedTopic* entry = cell.entry.load(std::memory_order_seq_cst);
      if (entry != nullptr && entry->is(hash, topic)) return entry;
    }
    return nullptr;
  }

  /// Within an epoch. Puts an entry in; returns the one that had to make room, or null.
  [[nodiscard]] CachedTopic* put(CachedTopic* entry) noexcept;

  /// Topics in it now.
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

 private:
  struct Cell {
    std::atomic<std::uint64_t> hash{0};  // spares following the pointer; a stale one costs a miss, no more
    std::atomic<CachedTopic*> entry{nullptr};
  };
  struct alignas(64) Set {
    Cell cells[4];
  };
  static Cell& choose(Set& set, const CachedTopic& entry) noexcept;

  std::vector<Set> sets_;
  std::uint64_t mask_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace host_stub
