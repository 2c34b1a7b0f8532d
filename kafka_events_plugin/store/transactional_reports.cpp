// What became of the entries of a transaction: told to publishers, and erased. Relay thread, but for on_deliveries().
#include <utility>

#include "store/transactional_outbox.h"

namespace kafka_events {

/// Records that Kafka will never take are told to their publishers now, and are not part of the next attempt.
void TransactionalOutbox::leave_out_permanent_failures() {
  std::vector<std::pair<std::uint64_t, Sent>> failures;
  {
    const std::lock_guard lock(sent_mutex_);
    for (std::size_t index = 0; index < sent_.size(); ++index) {
      if (sent_[index].failure == Failure::permanent) failures.emplace_back(cursor_ + index, sent_[index]);
    }
  }
  for (const auto& [position, sent] : failures) {
    if (!left_out_.insert(position).second) continue;
    (void)store_->read(Stream::exactly_once, position, 1, SIZE_MAX, [&](std::uint64_t at, const StoredEntry& entry) {
      if (at == position) report(at, entry, take_live(at, at + 1).front(), sent);
      return true;
    });
  }
  // Nothing before them waits: they can go at once.
  while (!left_out_.empty() && *left_out_.begin() == cursor_) {
    erase(cursor_, cursor_ + 1);
    left_out_.erase(left_out_.begin());
    reported_ = ++cursor_;
  }
}

/// Entries from the cursor up to `end` are published for good; their publishers are told a little later.
void TransactionalOutbox::note_published(std::uint64_t end) {
  const std::lock_guard lock(sent_mutex_);
  published_sent_.swap(sent_);
  sent_.clear();
  cursor_ = end;
}

void TransactionalOutbox::report_published() {
  if (reported_ == cursor_) return;
  // All at once: publishers hold this lock for most of the time.
  const std::vector<EventHandle> live = take_live(reported_, cursor_);
  (void)store_->read(Stream::exactly_once, reported_, SIZE_MAX, SIZE_MAX,
                     [&](std::uint64_t position, const StoredEntry& entry) {
                       if (position >= cursor_) return false;
                       const auto index = static_cast<std::size_t>(position - reported_);
                       Sent sent;
                       if (index < published_sent_.size()) {
                         sent = std::move(published_sent_[index]);
                       } else {
                         sent.partition = entry.partition;  // of an earlier life, which did not live to tell
                       }
                       sent.failure = Failure::none;
                       if (!left_out_.contains(position)) report(position, entry, live[index], sent);
                       return true;
                     });
  erase(reported_, cursor_);
  std::erase_if(left_out_, [&](std::uint64_t position) { return position < cursor_; });
  reported_ = cursor_;
  published_sent_.clear();
}

std::vector<EventHandle> TransactionalOutbox::take_live(std::uint64_t first, std::uint64_t end) {
  std::vector<EventHandle> events(static_cast<std::size_t>(end - first));
  const std::lock_guard lock(mutex_);
  for (EventHandle& event : events) event = live_.take(first++);
  return events;
}

void TransactionalOutbox::report(std::uint64_t position, const StoredEntry& entry, EventHandle event,
                                 const Sent& sent) {
  const Event source = to_event(entry);
  DeliveryReport report;
  report.number = position;
  report.source = &source;
  report.topic = entry.kafka_topic;
  report.partition = sent.partition;
  report.offset = sent.offset;
  report.delivered = sent.failure == Failure::none;
  report.failure = sent.failure;
  report.reason = sent.reason;
  report.latency_us = sent.latency_us;
  report.value_bytes = entry.value.size();
  report.event = event;
  if (report.delivered) published_.fetch_add(1, std::memory_order_relaxed);
  listener_->on_deliveries({&report, 1});
}

void TransactionalOutbox::erase(std::uint64_t first, std::uint64_t end) {
  const PositionRange range{first, end};
  const auto erased = store_->erase(Stream::exactly_once, {&range, 1});
  if (!erased.ok()) set_trouble("published entries can't be erased yet: " + erased.error().message);
}

void TransactionalOutbox::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  const std::lock_guard lock(sent_mutex_);
  for (const DeliveryReport& report : reports) {
    const std::uint64_t index = report.number - sent_first_;
    if (report.number < sent_first_ || index >= sent_.size()) continue;
    Sent& sent = sent_[static_cast<std::size_t>(index)];
    sent.partition = report.partition;
    sent.offset = report.offset;
    sent.latency_us = report.latency_us;
    sent.failure = report.failure;
    try {
      sent.reason = report.reason;
    } catch (const std::exception&) {  // out of memory: without its reason
    }
  }
}

}  // namespace kafka_events
