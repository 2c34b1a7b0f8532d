// Events whose publishers wait for Kafka although their records already lie in the outbox: position to event.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/event.h"

namespace kafka_events {

/// Bounded, since an event that is retained stays in memory. Not thread-safe.
class LiveEvents {
 public:
  static constexpr std::size_t max_events = 50'000;
  static constexpr std::uint64_t max_bytes = 64U << 20U;

  [[nodiscard]] bool has_room(std::uint64_t bytes) const noexcept {
    return count_ < max_events && slots_.size() < 4 * max_events && bytes_ + bytes <= max_bytes;
  }

  /// Positions ascend.
  void add(std::uint64_t position, EventHandle event, std::uint64_t bytes);

  /// The event of this position, which is then forgotten; null if there is none.
  EventHandle take(std::uint64_t position) noexcept;

  /// All of them, which are then forgotten.
  std::vector<EventHandle> take_all();

 private:
  struct Slot {
    std::uint64_t position = 0;
    EventHandle event = nullptr;
    std::uint64_t bytes = 0;
  };
  std::deque<Slot> slots_;  // ascending
  std::size_t count_ = 0;   // slots with an event
  std::uint64_t bytes_ = 0;
};

}  // namespace kafka_events
