// The partitions that a consumer has at the moment, how far each is, and which of them rest.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "core/ports.h"
#include "kafka/consumer.h"
#include "kafka/handles.h"

namespace kafka_events {

/// Owned by the consumer thread.
class Assignment {
 public:
  void add(const rd_kafka_topic_partition_list_t& partitions, const rd_kafka_topic_partition_list_t& committed);
  void remove(std::span<const TopicPartition> partitions);
  [[nodiscard]] std::vector<TopicPartition> all() const;
  [[nodiscard]] bool empty() const noexcept { return partitions_.empty(); }

  /// Notes watermarks; those of partitions that are not assigned are left out of the returned list (null: none is).
  PartitionList advance(std::span<const Watermark> watermarks);
  /// The watermarks among these partitions that the broker has not acknowledged (null: none).
  [[nodiscard]] PartitionList uncommitted(std::span<const TopicPartition> partitions) const;
  /// Notes what the broker acknowledged. An answer above the watermark is of a commit before a seek back.
  void committed(const rd_kafka_topic_partition_list_t& offsets);
  /// The partition was sought to this offset, which is not committed yet.
  void moved_to(const TopicPartition& partition, std::int64_t offset);

  /// All of it, for another version of the module; of `client` the positions.
  [[nodiscard]] std::vector<PartitionHandover> hand_over(rd_kafka_t* client) const;
  /// A partition of a client that was taken over, or assigned again. `committed`: the broker has acknowledged the
  /// watermark.
  void take_over(const PartitionHandover& from, bool paused, bool committed);

  /// Pauses and resumes what differs. The state is tracked, because resuming a partition that is not paused rewinds it.
  void rest(rd_kafka_t* client, bool all, std::span<const TopicPartition> some);
  /// Resumes what rests among these, before they are given back.
  void wake(rd_kafka_t* client, std::span<const TopicPartition> partitions);

  [[nodiscard]] std::vector<PartitionStatus> status(rd_kafka_t* client) const;

 private:
  struct State {
    std::int64_t watermark = -1;
    std::int64_t committed = -1;
    bool paused = false;
  };
  std::map<TopicPartition, State> partitions_;
};

[[nodiscard]] std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t& list);
[[nodiscard]] PartitionList to_list(std::span<const TopicPartition> partitions);

}  // namespace kafka_events
