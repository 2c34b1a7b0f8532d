// Bookkeeping of assigned partitions.
#include "kafka/assignment.h"

#include <algorithm>

namespace kafka_events {
namespace {

std::int64_t known_or_minus_one(std::int64_t offset) { return offset >= 0 ? offset : -1; }

std::int64_t lag_of(const PartitionStatus& status) {
  const std::int64_t done = std::max({status.watermark, status.committed, std::int64_t{-1}});
  const std::int64_t from = done >= 0 ? done : status.position;
  return status.high < 0 || from < 0 ? -1 : std::max<std::int64_t>(0, status.high - from);
}

}  // namespace

std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(list.cnt));
  for (int i = 0; i < list.cnt; ++i) partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  return partitions;
}

PartitionList to_list(std::span<const TopicPartition> partitions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& each : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition);
  }
  return list;
}

void Assignment::add(const rd_kafka_topic_partition_list_t& partitions,
                     const rd_kafka_topic_partition_list_t& committed) {
  for (const TopicPartition& each : to_partitions(partitions)) partitions_[each] = State{};
  this->committed(committed);
}

void Assignment::remove(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& each : partitions) partitions_.erase(each);
}

std::vector<TopicPartition> Assignment::all() const {
  std::vector<TopicPartition> partitions;
  partitions.reserve(partitions_.size());
  for (const auto& [partition, state] : partitions_) partitions.push_back(partition);
  return partitions;
}

PartitionList Assignment::advance(std::span<const Watermark> watermarks) {
  PartitionList moved;
  for (const Watermark& watermark : watermarks) {
    const auto found = partitions_.find(watermark.partition);
    if (found == partitions_.end() || watermark.next_offset <= found->second.watermark) continue;
    found->second.watermark = watermark.next_offset;
    if (moved == nullptr) moved.reset(rd_kafka_topic_partition_list_new(static_cast<int>(watermarks.size())));
    rd_kafka_topic_partition_list_add(moved.get(), watermark.partition.topic.c_str(), watermark.partition.partition)
        ->offset = watermark.next_offset;
  }
  return moved;
}

PartitionList Assignment::uncommitted(std::span<const TopicPartition> partitions) const {
  PartitionList list;
  for (const TopicPartition& each : partitions) {
    const auto found = partitions_.find(each);
    if (found == partitions_.end() || found->second.watermark <= found->second.committed) continue;
    if (list == nullptr) list.reset(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition)->offset = found->second.watermark;
  }
  return list;
}

void Assignment::committed(const rd_kafka_topic_partition_list_t& offsets) {
  for (int i = 0; i < offsets.cnt; ++i) {
    const rd_kafka_topic_partition_t& element = offsets.elems[i];
    const auto found = partitions_.find({element.topic, element.partition});
    if (found == partitions_.end() || element.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    State& state = found->second;
    if (state.watermark >= 0 && element.offset > state.watermark) continue;
    state.committed = std::max(state.committed, known_or_minus_one(element.offset));
  }
}

void Assignment::moved_to(const TopicPartition& partition, std::int64_t offset) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return;
  found->second.watermark = offset;
  found->second.committed = -1;
}

std::vector<PartitionHandover> Assignment::hand_over(rd_kafka_t* client) const {
  const PartitionList positions = to_list(all());
  rd_kafka_position(client, positions.get());
  std::vector<PartitionHandover> partitions;
  int index = 0;
  for (const auto& [partition, state] : partitions_) {
    PartitionHandover& to = partitions.emplace_back();
    to.partition = partition;
    to.next_offset = state.watermark;
    to.position = known_or_minus_one(positions->elems[index++].offset);
    to.paused = state.paused;
  }
  return partitions;
}

void Assignment::take_over(const PartitionHandover& from, bool paused, bool committed) {
  State& state = partitions_[from.partition];
  state.watermark = std::max(state.watermark, from.next_offset);
  if (committed) state.committed = state.watermark;
  state.paused = paused;
}

void Assignment::rest(rd_kafka_t* client, bool all, std::span<const TopicPartition> some) {
  std::vector<TopicPartition> pause;
  std::vector<TopicPartition> resume;
  for (auto& [partition, state] : partitions_) {
    const bool wanted = all || std::ranges::find(some, partition) != some.end();
    if (wanted == state.paused) continue;
    state.paused = wanted;
    (wanted ? pause : resume).push_back(partition);
  }
  if (!pause.empty()) rd_kafka_pause_partitions(client, to_list(pause).get());
  if (!resume.empty()) rd_kafka_resume_partitions(client, to_list(resume).get());
}

void Assignment::wake(rd_kafka_t* client, std::span<const TopicPartition> partitions) {
  std::vector<TopicPartition> resume;
  for (const TopicPartition& each : partitions) {
    const auto found = partitions_.find(each);
    if (found == partitions_.end() || !found->second.paused) continue;
    found->second.paused = false;
    resume.push_back(each);
  }
  if (!resume.empty()) rd_kafka_resume_partitions(client, to_list(resume).get());
}

std::vector<PartitionStatus> Assignment::status(rd_kafka_t* client) const {
  const std::vector<TopicPartition> partitions = all();
  const PartitionList positions = to_list(partitions);
  rd_kafka_position(client, positions.get());
  std::vector<PartitionStatus> statuses;
  statuses.reserve(partitions.size());
  int index = 0;
  for (const auto& [partition, state] : partitions_) {
    PartitionStatus status;
    status.topic = partition.topic;
    status.partition = partition.partition;
    status.position = known_or_minus_one(positions->elems[index++].offset);
    status.watermark = state.watermark;
    status.committed = state.committed;
    status.paused = state.paused;
    std::int64_t low = -1;
    std::int64_t high = -1;
    rd_kafka_get_watermark_offsets(client, partition.topic.c_str(), partition.partition, &low, &high);
    status.high = known_or_minus_one(high);
    status.lag = lag_of(status);
    statuses.push_back(std::move(status));
  }
  return statuses;
}

}  // namespace kafka_events
