// Events by position: added at the end, taken anywhere.
#include "store/live_events.h"

#include <algorithm>
#include <utility>

namespace kafka_events {

void LiveEvents::add(std::uint64_t position, EventHandle event, std::uint64_t bytes) {
  slots_.push_back({position, event, bytes});
  ++count_;
  bytes_ += bytes;
}

EventHandle LiveEvents::take(std::uint64_t position) noexcept {
  const auto found = std::ranges::lower_bound(slots_, position, {}, &Slot::position);
  if (found == slots_.end() || found->position != position || found->event == nullptr) return nullptr;
  EventHandle event = std::exchange(found->event, nullptr);
  --count_;
  bytes_ -= found->bytes;
  while (!slots_.empty() && slots_.front().event == nullptr) slots_.pop_front();
  return event;
}

std::vector<EventHandle> LiveEvents::take_all() {
  std::vector<EventHandle> events;
  for (const Slot& slot : slots_) {
    if (slot.event != nullptr) events.push_back(slot.event);
  }
  slots_.clear();
  count_ = 0;
  bytes_ = 0;
  return events;
}

}  // namespace kafka_events
