// What became of a lane's records: each is told once.
#include <algorithm>
#include <utility>

#include "kafka/delivery_reports.h"
#include "kafka/single_writer_lane.h"

namespace kafka_events {

void SingleWriterLane::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  const std::lock_guard lock(sent_mutex_);
  for (const DeliveryReport& report : reports) {
    const std::uint64_t index = report.number - sent_first_;
    if (report.number < sent_first_ || index >= sent_.size()) continue;
    Sent& sent = sent_[static_cast<std::size_t>(index)];
    sent.partition = report.partition;
    sent.offset = report.offset;
    sent.failure = report.failure;
    try {
      sent.reason = report.reason;
    } catch (const std::exception&) {  // out of memory: without its reason
    }
  }
}

/// The first `count` records of the batch are over: in Kafka, or refused by the client.
void SingleWriterLane::report_committed(std::size_t count) {
  std::vector<Sent> results;
  {
    const std::lock_guard lock(sent_mutex_);
    results = sent_;
  }
  count = std::min(count, batch_.size());
  results.resize(std::max(results.size(), count));
  for (std::size_t i = 0; i < count; ++i) {
    Sent& sent = results[i];
    // The report may have been that of a client which gave up while the coordinator had committed.
    if (sent.tried) sent.failure = Failure::none;
    report(batch_[i], sent, false);
  }
  batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(count));
}

void SingleWriterLane::report(const Entry& entry, const Sent& sent, bool maybe_written) {
  const std::vector<Header> headers = entry.header_views();
  FailedDelivery failed;
  DeliveryReport report;
  report.event = entry.event;
  report.number = entry.number;
  report.topic = topic_;
  report.partition = sent.partition;
  report.offset = sent.offset;
  report.delivered = sent.failure == Failure::none;
  report.failure = sent.failure;
  report.latency_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - entry.since).count();
  report.value_bytes = entry.value().size();
  if (!report.delivered) {
    report.reason = sent.reason;
    failed = {.key = entry.has_key ? Bytes(entry.key) : Bytes(),
              .value = entry.value(),
              .headers = headers,
              .timestamp_ms = entry.timestamp_ms,
              .maybe_written = maybe_written};
    report.failed = &failed;
  }
  (report.delivered ? delivered_ : failed_).fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t bytes = entry.bytes();
  listener_->on_deliveries({&report, 1});
  const std::lock_guard lock(mutex_);
  --waiting_;
  waiting_bytes_ -= bytes;
}

void SingleWriterLane::report_failed(std::deque<Entry>& entries, Failure failure, std::string_view reason,
                                     bool maybe_written) {
  Sent sent;
  sent.failure = failure;
  sent.reason = reason;
  for (; !entries.empty(); entries.pop_front()) report(entries.front(), sent, maybe_written);
}

/// Records that have waited for too long fail, oldest first.
void SingleWriterLane::expire() {
  if (limits_.record_time.count() == 0) return;
  const auto before = Clock::now() - limits_.record_time;
  std::deque<Entry> old;
  while (!batch_.empty() && batch_.front().since < before) {
    old.push_back(std::move(batch_.front()));
    batch_.pop_front();
  }
  {
    const std::lock_guard lock(mutex_);
    while (batch_.empty() && !queue_.empty() && queue_.front().since < before) {
      old.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  report_failed(old, Failure::transient, failure_reason(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), false);
}

void SingleWriterLane::fail_everything(Failure failure, std::string_view reason) {
  std::deque<Entry> all = std::move(batch_);
  batch_.clear();
  {
    const std::lock_guard lock(mutex_);
    for (Entry& entry : queue_) all.push_back(std::move(entry));
    queue_.clear();
  }
  report_failed(all, failure, reason, false);
}

}  // namespace kafka_events
