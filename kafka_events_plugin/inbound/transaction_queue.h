// The records of an exactly_once worker that wait for their transaction, partition by partition.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/handover.h"
#include "core/ports.h"
#include "inbound/transaction_batch.h"

namespace kafka_events {

/// Owned by the consumer thread.
class TransactionQueue {
 public:
  using Clock = std::chrono::steady_clock;

  void assign(std::span<const TopicPartition> partitions);
  void drop(std::span<const TopicPartition> partitions);
  void clear();

  /// Copies and releases the record. False: it is not wanted, because its partition is not assigned or has stopped, or
  /// because it was taken before (librdkafka went back over it).
  bool add(const InboundRecord& record);

  /// Takes what may be handled together now: in order within each partition, within the bounds. A suspicious record is
  /// alone.
  [[nodiscard]] std::vector<TransactionItem> take(std::size_t max_records, std::uint64_t max_bytes,
                                                  Clock::time_point now);
  /// Puts back what was taken; in front, in the order in which it was taken. What belongs to partitions that went away
  /// meanwhile is dropped. `still_running` (may be null): its handlers are waited for before any of them is handled
  /// again.
  void put_back(std::vector<TransactionItem>&& items, const std::shared_ptr<TransactionBatch>& still_running);

  /// Its records wait until then.
  void rest(const InboundRecord& record, Clock::time_point until);
  /// Its records wait for good. False: they did already.
  bool stop(const InboundRecord& record);
  [[nodiscard]] bool owns(const TransactionItem& item) const;

  // ---- From one version of the module to another, see core/handover.h ----
  /// The first record that is not committed, what waits, whether it stopped. Nothing of it is in a transaction.
  void hand_over(PartitionHandover& to, Clock::time_point now) const;
  /// Goes on there. What waited is read once more, and waits on. Before its first record.
  void take_over(const PartitionHandover& from, Clock::time_point now);

  /// Partitions that no record should be fetched for.
  [[nodiscard]] std::vector<TopicPartition> resting(Clock::time_point now) const;
  /// Records of partitions that do not rest.
  [[nodiscard]] std::size_t active(Clock::time_point now) const;
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t records() const noexcept { return records_; }
  [[nodiscard]] bool empty() const noexcept { return records_ == 0; }

 private:
  struct Partition {
    std::uint64_t assignment = 0;
    std::deque<TransactionItem> items;
    std::int64_t last_offset = -1;
    Clock::time_point not_before{};
    bool stopped = false;
    std::shared_ptr<TransactionBatch> still_running;
    std::deque<RetryHandover> taken_over;  // not read again yet; due_in_ms counts from `taken_over_at`
    Clock::time_point taken_over_at{};

    [[nodiscard]] bool rests(Clock::time_point now) const;
  };
  using Partitions = std::map<TopicPartition, Partition>;

  Partition* find(const InboundRecord& record);
  static void recognize(Partition& partition, TransactionItem& item, std::int64_t offset);
  TransactionItem pop(Partition& partition);

  Partitions partitions_;
  TopicPartition next_first_;  // whose turn it is to be served first
  std::uint64_t assignments_ = 0;
  std::size_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace kafka_events
