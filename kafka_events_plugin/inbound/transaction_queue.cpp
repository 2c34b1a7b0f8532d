// Records that wait for their transaction.
#include "inbound/transaction_queue.h"

#include <algorithm>
#include <utility>

namespace kafka_events {
namespace {

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
