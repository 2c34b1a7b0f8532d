// Who belongs to the transaction, and what becomes of the reports of its records.
#include "inbound/transaction_scope.h"

#include <utility>

namespace kafka_events {
namespace {

constexpr std::string_view given_up_reason =
    "the transaction of the record that caused this event was given up; the record will be handled again";

std::string_view cause_of(const Event& event) {
  for (const Header& header : event.headers) {
    if (header.name == cause_header) return header.value;
  }
  return {};
}

}  // namespace

Result<TopicId> RefusingSink::open_topic(std::string_view) { return TopicId{}; }
SendStatus RefusingSink::send(const OutboundRecord&) noexcept { return SendStatus::refused; }
std::string RefusingSink::explain(SendStatus, const OutboundRecord&) const { return std::string(given_up_reason); }

// ---- Consumer thread ----

void TransactionScope::open(std::shared_ptr<TransactionBatch> batch) {
  const std::lock_guard lock(mutex_);
  batch_ = std::move(batch);
  failed_ = blame_ = false;
  busy_.store(true, std::memory_order_release);
}

void TransactionScope::close() {
  const std::lock_guard lock(mutex_);
  if (batch_ != nullptr && batch_->in_flight() > 0) given_up_.push_back(batch_);
  batch_ = nullptr;
  forget_ended();
}

void TransactionScope::committed() {
  std::map<std::uint64_t, Sent> sent;
  {
    const std::lock_guard lock(mutex_);
    sent = std::exchange(sent_, {});
  }
  for (const auto& [number, each] : sent) pass_on(each);
}

void TransactionScope::aborted() {
  const std::lock_guard lock(mutex_);
  sent_.clear();
}

bool TransactionScope::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

bool TransactionScope::blame() const {
  const std::lock_guard lock(mutex_);
  return blame_;
}

std::uint64_t TransactionScope::running() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t running = batch_ == nullptr ? 0 : batch_->in_flight();
  for (const auto& batch : given_up_) running += batch->in_flight();
  return running;
}

void TransactionScope::forget_ended() {
  std::erase_if(given_up_, [](const auto& batch) { return batch->in_flight() == 0; });
  busy_.store(batch_ != nullptr || !given_up_.empty(), std::memory_order_release);
}

// ---- Any thread ----

RecordSink* TransactionScope::sink_for(const Event& event) noexcept {
  if (handing_on_.load(std::memory_order_relaxed) == own_thread()) return this;
  const std::string_view cause = cause_of(event);
  if (cause.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  // First those given up: should the record be in the open transaction too, then nobody can tell which attempt speaks.
  for (const auto& batch : given_up_) {
    if (batch->is_handling(cause)) return &refusing_;
  }
  return batch_ != nullptr && batch_->is_handling(cause) ? this : nullptr;
}

SendStatus TransactionScope::send(const OutboundRecord& record) noexcept {
  OutboundRecord numbered = record;
  numbered.event = nullptr;
  try {
    Sent sent = kept(record);
    // Held over the call, so that a report that comes at once finds its entry; the sink never blocks.
    const std::lock_guard lock(mutex_);
    if (batch_ == nullptr) return SendStatus::refused;
    numbered.number = next_number_++;
    sent_.emplace(numbered.number, std::move(sent));
    const SendStatus status = sink_.send(numbered);
    if (status != SendStatus::accepted) sent_.erase(numbered.number);
    return status;
  } catch (const std::exception&) {
    return SendStatus::full;  // out of memory
  }
}

void TransactionScope::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  for (const DeliveryReport& report : reports) {
    EventHandle event = nullptr;
    {
      const std::lock_guard lock(mutex_);
      event = take(report);
    }
    // At once, and not after the commit, which waits for the handler that may wait for this.
    if (event == nullptr) continue;
    bus_.complete(event, report.delivered ? Outcome::done : Outcome::failed, report.reason);
  }
}

EventHandle TransactionScope::take(const DeliveryReport& report) noexcept {
  const auto found = sent_.find(report.number);
  if (found == sent_.end()) return nullptr;
  Sent& sent = found->second;
  sent.delivered = report.delivered;
  failed_ = failed_ || !report.delivered;
  blame_ = blame_ || report.failure == Failure::permanent;
  sent.kafka_topic = report.topic;
  sent.partition = report.partition;
  sent.offset = report.offset;
  sent.latency_us = report.latency_us;
  sent.value_bytes = report.value_bytes;
  return std::exchange(sent.event, nullptr);
}

TransactionScope::Sent TransactionScope::kept(const OutboundRecord& record) {
  Sent sent;
  sent.event = record.event;
  if (record.source == nullptr) return sent;
  const Event& event = *record.source;
  sent.has_source = true;
  sent.topic = event.topic;
  sent.tenant = event.tenant;
  sent.key = event.key;
  sent.null_key = is_null(event.key);
  sent.id = event.id;
  sent.content_type = event.content_type;
  sent.payload = event.payload;
  sent.null_payload = is_null(event.payload);
  sent.timestamp_us = event.timestamp_us;
  return sent;
}

void TransactionScope::pass_on(const Sent& sent) {
  if (!sent.has_source) return;
  Event event;
  event.topic = sent.topic;
  event.tenant = sent.tenant;
  event.key = sent.null_key ? Bytes() : Bytes(sent.key);
  event.id = sent.id;
  event.content_type = sent.content_type;
  event.payload = sent.null_payload ? Bytes() : Bytes(sent.payload);
  event.timestamp_us = sent.timestamp_us;
  DeliveryReport report;
  report.source = &event;
  report.topic = sent.kafka_topic;
  report.partition = sent.partition;
  report.offset = sent.offset;
  report.delivered = true;
  report.latency_us = sent.latency_us;
  report.value_bytes = sent.value_bytes;
  committed_.on_deliveries({&report, 1});
}

}  // namespace kafka_events
