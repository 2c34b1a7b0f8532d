// Records of an at_most_once worker whose offsets are not committed yet: they are handed over when the broker has
// acknowledged that, and not before, so that none is ever handled twice.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/ports.h"
#include "kafka/handles.h"

namespace kafka_events {

/// Owned by the consumer thread.
class CommitFirst {
 public:
  CommitFirst() = default;
  ~CommitFirst();
  CommitFirst(const CommitFirst&) = delete;
  CommitFirst& operator=(const CommitFirst&) = delete;

  /// Takes the duty to release the record.
  void add(const InboundRecord& record);
  [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
  [[nodiscard]] bool full(std::size_t max_records) const noexcept;

  /// What to commit: the offset behind the last record of each partition.
  [[nodiscard]] PartitionList offsets() const;
  /// Commits of them were sent: whether the broker took them is known only from its answer.
  void attempted() noexcept { attempted_ = true; }
  /// Hands over the records of partitions that this answer says are committed; the others stay.
  void hand_over(const rd_kafka_topic_partition_list_t& committed,
                 const std::function<void(const InboundRecord&)>& hand);
  /// Their partitions went away. Returns how many are lost for good perhaps: a commit of them was sent.
  std::uint64_t drop(std::span<const TopicPartition> partitions);

 private:
  struct Held {
    InboundRecord record;
    std::vector<Header> headers;
  };

  std::vector<Held> records_;
  std::uint64_t bytes_ = 0;
  bool attempted_ = false;
};

}  // namespace kafka_events
