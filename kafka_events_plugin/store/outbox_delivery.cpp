// Reports of the producer: what was delivered is erased, what came back undelivered waits again, everything final goes on
// to the pipeline. Delivery thread.
#include <algorithm>

#include "store/outbox.h"

namespace kafka_events {

void Outbox::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  try {
    handle(reports);
  } catch (const std::exception&) {
    // Out of memory: entries stay and are sent again; what had no entry is told as it is.
    for (const DeliveryReport& report : reports) {
      if (report.event != nullptr) listener_->on_deliveries({&report, 1});
    }
  }
}

void Outbox::handle(std::span<const DeliveryReport> reports) {
  passed_on_.clear();
  for (const DeliveryReport& report : reports) {
    if (report.event == nullptr) {
      on_entry(report);
    } else if (report.failure == Failure::transient && report.failed != nullptr) {
      take_back(report);
    } else {
      passed_on_.push_back(report);
    }
  }
  find_events();
  if (!passed_on_.empty()) listener_->on_deliveries(passed_on_);
  erase_passed_on();
  kept_events_.clear();
}

/// From now on nothing is sent until everything in flight has come back: what came back goes first. The producer lets
/// nobody through while it gives records back, so senders that are inside are turned away by it.
void Outbox::hold_back() {
  if (recovering_.exchange(true)) return;
  {
    const std::lock_guard lock(mutex_);
    if (direct_) leave_direct();
  }
  gate_.wait_until_left();
}

void Outbox::on_entry(const DeliveryReport& report) {
  sent_bytes_.fetch_sub(static_cast<std::int64_t>(report.value_bytes));
  sent_entries_.fetch_sub(1);
  if (report.failure == Failure::transient) return take_back_entry(report.number);
  if (report.delivered) relayed_.fetch_add(1, std::memory_order_relaxed);
  passed_on_.push_back(report);
}

/// A record that went the direct way enters the store, before everything that waits there.
void Outbox::take_back(const DeliveryReport& report) {
  hold_back();
  taken_back_.fetch_add(1, std::memory_order_relaxed);
  Result<void> stored;
  {
    const std::lock_guard lock(mutex_);
    if (reserved_next_ == reserved_end_) {
      stored = Error(ErrorCode::internal, "no free position");
    } else {
      stored = store_->append_at(Stream::at_least_once, reserved_next_, to_entry(report, bus_.view(report.event)));
      if (stored.ok()) ++reserved_next_;
    }
  }
  if (stored.ok()) return bus_.complete(report.event, Outcome::done, kept_in_outbox);
  failure_ = std::string(report.reason) + "; and the outbox does not take it: " + stored.error().message;
  DeliveryReport failed = report;
  failed.reason = failure_;
  listener_->on_deliveries({&failed, 1});
}

/// An entry that was sent before records that went the direct way moves with them, so that their order stays.
void Outbox::take_back_entry(std::uint64_t position) {
  hold_back();
  taken_back_.fetch_add(1, std::memory_order_relaxed);
  std::unique_lock lock(mutex_);
  if (position >= reserved_ || reserved_next_ == reserved_end_) return;
  bool moved = false;
  (void)store_->read(Stream::at_least_once, position, 1, 1, [&](std::uint64_t at, const StoredEntry& entry) {
    if (at != position) return false;
    moved = store_->append_at(Stream::at_least_once, reserved_next_, entry).ok();
    return true;
  });
  if (!moved) return;
  ++reserved_next_;
  const EventHandle event = live_.take(position);
  lock.unlock();
  if (event != nullptr) bus_.complete(event, Outcome::done, kept_in_outbox);
  const PositionRange range{position, position + 1};
  (void)store_->erase(Stream::at_least_once, {&range, 1});
}

/// The event of each entry: the live one whose publisher waits, else the stored one.
void Outbox::find_events() {
  std::vector<DeliveryReport*> stored;
  {
    const std::lock_guard lock(mutex_);
    for (DeliveryReport& report : passed_on_) {
      if (report.event != nullptr) continue;
      const std::uint64_t position = report.number;
      report.event = live_.take(position);
      if (report.event == nullptr) stored.push_back(&report);
    }
  }
  if (stored.empty()) return;
  std::ranges::sort(stored, {}, &DeliveryReport::number);
  auto next = stored.begin();
  const std::uint64_t last = stored.back()->number;
  const auto visit = [&](std::uint64_t position, const StoredEntry& entry) {
    while (next != stored.end() && (*next)->number < position) ++next;
    if (next != stored.end() && (*next)->number == position) {
      kept_events_.push_back(std::make_unique<KeptEvent>(entry));
      (*next)->source = &kept_events_.back()->event();
    }
    return position < last;
  };
  (void)store_->read(Stream::at_least_once, stored.front()->number, SIZE_MAX, SIZE_MAX, visit);
}

void Outbox::erase_passed_on() {
  std::vector<std::uint64_t> positions;
  for (const DeliveryReport& report : passed_on_) {
    if (report.number != 0) positions.push_back(report.number);
  }
  if (positions.empty()) return;
  std::ranges::sort(positions);
  std::vector<PositionRange> ranges;
  for (const std::uint64_t position : positions) {
    if (!ranges.empty() && ranges.back().end == position) {
      ++ranges.back().end;
    } else {
      ranges.push_back({position, position + 1});
    }
  }
  (void)store_->erase(Stream::at_least_once, ranges);
}

}  // namespace kafka_events
