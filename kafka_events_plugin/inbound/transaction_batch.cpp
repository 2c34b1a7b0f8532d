// Completions of one transaction's records.
#include "inbound/transaction_batch.h"

#include <map>
#include <utility>

#include "inbound/event_maker.h"

namespace kafka_events {

std::uint64_t TransactionBatch::add(TransactionItem&& item) {
  const InboundRecord record = item.record->view();
  std::string id = record_id(record.topic, record.partition, record.offset);
  const std::lock_guard lock(mutex_);
  by_id_.emplace(std::move(id), entries_.size());
  entries_.push_back({std::move(item), ItemState::waiting, false, {}});
  return entries_.size() - 1;
}

void TransactionBatch::publishing(std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  entries_[index].published = true;
  if (in_flight_++ == 0) self_ = shared_from_this();
}

void TransactionBatch::not_published(std::uint64_t index, std::string_view reason) {
  std::shared_ptr<TransactionBatch> last;  // released after the lock is
  const std::lock_guard lock(mutex_);
  last = end(entries_[index], ItemState::failed, reason);
}

void TransactionBatch::completed(std::uint64_t cookie, Outcome outcome, std::string_view detail) noexcept {
  std::shared_ptr<TransactionBatch> last;
  const std::lock_guard lock(mutex_);
  if (outcome == Outcome::done) {
    last = end(entries_[cookie], ItemState::done, {});
    return;
  }
  const std::string_view unnamed = outcome == Outcome::busy ? "a handler was busy" : "a handler failed";
  last = end(entries_[cookie], ItemState::failed, detail.empty() ? unnamed : detail);
}

void TransactionBatch::done(std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  entries_[index].state = ItemState::done;
}

void TransactionBatch::withdraw(std::uint64_t index) {
  const std::lock_guard lock(mutex_);
  entries_[index].state = ItemState::withdrawn;
}

std::shared_ptr<TransactionBatch> TransactionBatch::end(Entry& entry, ItemState state, std::string_view reason) {
  entry.published = false;
  entry.state = state;
  entry.reason = reason;
  if (state == ItemState::failed) ++failed_;
  if (--in_flight_ > 0) return nullptr;
  idle_.notify_all();
  return std::move(self_);
}

ItemState TransactionBatch::state(std::uint64_t index) const {
  const std::lock_guard lock(mutex_);
  return entries_[index].state;
}

std::string TransactionBatch::reason(std::uint64_t index) const {
  const std::lock_guard lock(mutex_);
  return entries_[index].reason;
}

bool TransactionBatch::any_failed() const {
  const std::lock_guard lock(mutex_);
  return failed_ > 0;
}

std::uint64_t TransactionBatch::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}

bool TransactionBatch::wait(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  return idle_.wait_until(lock, deadline, [this] { return in_flight_ == 0; });
}

bool TransactionBatch::is_handling(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(std::string(id));
  return found != by_id_.end() && entries_[found->second].published;
}

std::vector<Watermark> TransactionBatch::ends() const {
  std::map<TopicPartition, std::int64_t> next;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.state == ItemState::withdrawn) continue;
    const InboundRecord record = entry.item.record->view();
    next[{std::string(record.topic), record.partition}] = record.offset + 1;
  }
  std::vector<Watermark> watermarks;
  for (const auto& [partition, offset] : next) watermarks.push_back({partition, offset});
  return watermarks;
}

std::vector<TransactionItem> TransactionBatch::take_items() {
  const std::lock_guard lock(mutex_);
  std::vector<TransactionItem> items;
  items.reserve(entries_.size());
  for (Entry& entry : entries_) items.push_back(std::move(entry.item));
  return items;
}

}  // namespace kafka_events
