// Records that wait for their transaction.
#include "inbound/transaction_queue.h"

#include <algorithm>
#include <utility>

namespace kafka_events {
namespace {

/// A damaged number waits no longer than this.
constexpr std::int64_t longest_wait_ms = 3'600'000;

std::uint64_t bytes_of(const InboundRecord& record) {
  std::uint64_t bytes = record.key.size() + record.value.size();
  for (const Header& header : record.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

}  // namespace

bool TransactionQueue::Partition::rests(Clock::time_point now) const {
  return stopped || now < not_before || (still_running != nullptr && still_running->in_flight() > 0);
}

void TransactionQueue::assign(std::span<const TopicPartition> partitions) {
  drop(partitions);
  for (const TopicPartition& each : partitions) partitions_[each].assignment = ++assignments_;
}

void TransactionQueue::drop(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& each : partitions) {
    const auto found = partitions_.find(each);
    if (found == partitions_.end()) continue;
    while (!found->second.items.empty()) (void)pop(found->second);
    partitions_.erase(found);
  }
}

void TransactionQueue::clear() {
  partitions_.clear();
  records_ = 0;
  bytes_ = 0;
}

TransactionQueue::Partition* TransactionQueue::find(const InboundRecord& record) {
  const auto found = partitions_.find({std::string(record.topic), record.partition});
  return found == partitions_.end() ? nullptr : &found->second;
}

bool TransactionQueue::add(const InboundRecord& record) {
  Partition* partition = find(record);
  const bool wanted = partition != nullptr && !partition->stopped && record.offset > partition->last_offset;
  if (wanted) {
    TransactionItem item;
    item.record = std::make_unique<KeptRecord>(record);
    item.assignment = partition->assignment;
    partition->last_offset = record.offset;
    if (!partition->taken_over.empty()) recognize(*partition, item, record.offset);
    partition->items.push_back(std::move(item));
    ++records_;
    bytes_ += bytes_of(record);
  }
  record.release(record.owner);
  return wanted;
}

TransactionItem TransactionQueue::pop(Partition& partition) {
  TransactionItem item = std::move(partition.items.front());
  partition.items.pop_front();
  --records_;
  bytes_ -= bytes_of(item.record->view());
  return item;
}

std::vector<TransactionItem> TransactionQueue::take(std::size_t max_records, std::uint64_t max_bytes,
                                                    Clock::time_point now) {
  std::vector<TransactionItem> taken;
  if (records_ == 0) return taken;
  std::uint64_t bytes = 0;
  const auto full = [&] { return taken.size() >= max_records || bytes >= max_bytes; };
  auto at = partitions_.lower_bound(next_first_);
  for (std::size_t i = 0; i < partitions_.size() && !full(); ++i, ++at) {
    if (at == partitions_.end()) at = partitions_.begin();
    Partition& partition = at->second;
    if (partition.rests(now)) continue;
    partition.still_running = nullptr;
    while (!partition.items.empty() && !full()) {
      const bool alone = partition.items.front().suspicious();
      if (alone && !taken.empty()) break;
      bytes += bytes_of(partition.items.front().record->view());
      taken.push_back(pop(partition));
      if (!alone) continue;
      next_first_ = at->first;
      ++next_first_.partition;
      return taken;
    }
    next_first_ = at->first;
    ++next_first_.partition;
  }
  return taken;
}

void TransactionQueue::put_back(std::vector<TransactionItem>&& items,
                                const std::shared_ptr<TransactionBatch>& still_running) {
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    const InboundRecord record = item->record->view();
    Partition* partition = find(record);
    if (partition == nullptr || partition->assignment != item->assignment) continue;
    partition->items.push_front(std::move(*item));
    partition->still_running = still_running;
    ++records_;
    bytes_ += bytes_of(record);
  }
  items.clear();
}

void TransactionQueue::rest(const InboundRecord& record, Clock::time_point until) {
  if (Partition* partition = find(record)) partition->not_before = until;
}

bool TransactionQueue::stop(const InboundRecord& record) {
  Partition* partition = find(record);
  return partition != nullptr && !std::exchange(partition->stopped, true);
}

bool TransactionQueue::owns(const TransactionItem& item) const {
  const InboundRecord record = item.record->view();
  const auto found = partitions_.find({std::string(record.topic), record.partition});
  return found != partitions_.end() && found->second.assignment == item.assignment;
}

/// Another version of the module tried it already.
void TransactionQueue::recognize(Partition& partition, TransactionItem& item, std::int64_t offset) {
  std::deque<RetryHandover>& known = partition.taken_over;
  while (!known.empty() && known.front().offset < offset) known.pop_front();  // they were deleted meanwhile
  if (known.empty() || known.front().offset != offset) return;
  const RetryHandover& retry = known.front();
  item.given_up = retry.dead_letter;
  (retry.dead_letter ? item.dead_letter_attempts : item.attempts) = retry.attempts;
  item.stage = retry.stage == "decode" ? "decode" : "handle";
  item.reason = retry.reason;
  partition.not_before =
      std::max(partition.not_before, partition.taken_over_at + std::chrono::milliseconds(retry.due_in_ms));
  known.pop_front();
}

void TransactionQueue::hand_over(PartitionHandover& to, Clock::time_point now) const {
  const auto found = partitions_.find(to.partition);
  if (found == partitions_.end()) return;
  const Partition& partition = found->second;
  to.stopped = partition.stopped;
  const bool waits = !partition.items.empty();
  const std::int64_t next = waits ? partition.items.front().record->view().offset : partition.last_offset + 1;
  if (waits || partition.last_offset >= 0) to.next_offset = std::max(to.next_offset, next);
  const auto milliseconds = [&](Clock::time_point due) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(due - now).count();
  };
  for (const TransactionItem& item : partition.items) {
    if (item.attempts == 0 && item.dead_letter_attempts == 0 && !item.given_up) continue;
    to.retries.push_back({item.record->view().offset, item.given_up ? item.dead_letter_attempts : item.attempts,
                          item.given_up, milliseconds(partition.not_before), std::string(item.stage), item.reason});
  }
  for (const RetryHandover& each : partition.taken_over) {
    RetryHandover& retry = to.retries.emplace_back(each);
    retry.due_in_ms = milliseconds(partition.taken_over_at + std::chrono::milliseconds(each.due_in_ms));
  }
}

void TransactionQueue::take_over(const PartitionHandover& from, Clock::time_point now) {
  const auto found = partitions_.find(from.partition);
  if (found == partitions_.end()) return;
  Partition& partition = found->second;
  partition.last_offset = std::max(partition.last_offset, from.next_offset - 1);
  partition.stopped = from.stopped;
  partition.taken_over.assign(from.retries.begin(), from.retries.end());
  for (RetryHandover& each : partition.taken_over) {
    each.due_in_ms = std::clamp<std::int64_t>(each.due_in_ms, 0, longest_wait_ms);
  }
  partition.taken_over_at = now;
}

std::vector<TopicPartition> TransactionQueue::resting(Clock::time_point now) const {
  std::vector<TopicPartition> resting;
  for (const auto& [name, partition] : partitions_) {
    if (partition.rests(now)) resting.push_back(name);
  }
  return resting;
}

std::size_t TransactionQueue::active(Clock::time_point now) const {
  std::size_t records = 0;
  for (const auto& [name, partition] : partitions_) {
    if (!partition.rests(now)) records += partition.items.size();
  }
  return records;
}

}  // namespace kafka_events
