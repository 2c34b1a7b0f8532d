// What an offset tracker tells another version of the module, and learns from it.
#include <algorithm>

#include "inbound/offset_tracker.h"

namespace kafka_events {

void OffsetTracker::go_on_at(std::int64_t next_offset) {
  const std::lock_guard lock(mutex_);
  if (next_offset < 0 || next_ >= 0) return;
  next_ = told_ = next_offset;
  last_ = next_offset - 1;
}

void OffsetTracker::pass(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  add(offset).done = true;
  advance();
}

void OffsetTracker::hand_over(PartitionHandover& to) const {
  const std::lock_guard lock(mutex_);
  to.next_offset = std::max(to.next_offset, next_);
  to.stopped = stopped_;
  bool before = false;  // whether the record before is done
  for (std::size_t i = passed_; i < slots_.size(); before = slots_[i++].done) {
    if (!slots_[i].done) continue;
    if (!before) to.done.emplace_back(slots_[i].offset, 0);
    to.done.back().second = slots_[i].offset + 1;
  }
}

}  // namespace kafka_events
