// The first sight of the cluster, and where new partitions start.
#include "kafka/topic_census.h"

#include <charconv>
#include <limits>

namespace kafka_events {

bool TopicCensus::take(rd_kafka_t* client, int timeout_ms) {
  const rd_kafka_metadata_t* answer = nullptr;
  if (rd_kafka_metadata(client, 1, nullptr, &answer, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const MetadataHandle metadata(answer);
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    partitions_[topic.topic] = topic.partition_cnt;
  }
  taken_ = true;
  return true;
}

std::vector<std::string> TopicCensus::known() const {
  std::vector<std::string> known;
  known.reserve(partitions_.size());
  for (const auto& [topic, count] : partitions_) known.push_back(topic + ':' + std::to_string(count));
  return known;
}

void TopicCensus::take_over(std::span<const std::string> known) {
  partitions_.clear();
  for (const std::string& each : known) {
    const std::size_t colon = each.rfind(':');  // no topic has one in its name
    std::int32_t count = std::numeric_limits<std::int32_t>::max();
    if (colon != std::string::npos) std::from_chars(each.data() + colon + 1, each.data() + each.size(), count);
    partitions_[each.substr(0, colon)] = count;
  }
  taken_ = true;
}

bool TopicCensus::is_new(const std::string& topic, std::int32_t partition) const {
  const auto known = partitions_.find(topic);
  return known == partitions_.end() || partition >= known->second;
}

PartitionList TopicCensus::set_starts(rd_kafka_t* client, rd_kafka_topic_partition_list_t& partitions, int timeout_ms,
                                      bool fetching, bool may_repeat) const {
  // Looking the beginning up would wait behind the fetch that is under way on the same connection (fetch.wait.max.ms),
  // so a topic found while running is read from offset 0: it has just been made, and nothing of it was deleted yet.
  const std::int64_t beginning = fetching ? 0 : RD_KAFKA_OFFSET_BEGINNING;
  PartitionList committed(rd_kafka_topic_partition_list_copy(&partitions));
  for (int i = 0; i < committed->cnt; ++i) committed->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
  const bool known = rd_kafka_committed(client, committed.get(), timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!known && !may_repeat) return committed;
  for (int i = 0; i < partitions.cnt; ++i) {
    rd_kafka_topic_partition_t& partition = partitions.elems[i];
    const bool has_committed = known && committed->elems[i].offset >= 0;
    if (!has_committed && is_new(partition.topic, partition.partition)) partition.offset = beginning;
  }
  return committed;
}

}  // namespace kafka_events
