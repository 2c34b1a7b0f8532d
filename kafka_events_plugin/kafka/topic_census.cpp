// The first sight of the cluster, and where new partitions start.
#include "kafka/topic_census.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <regex.h>

namespace kafka_events {
namespace {

bool matches_any(const std::string& pattern, const std::map<std::string, std::int32_t>& topics) {
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return true;  // subscribing will tell
  const bool any = std::ranges::any_of(
      topics, [&](const auto& topic) { return regexec(&compiled, topic.first.c_str(), 0, nullptr, 0) == 0; });
  regfree(&compiled);
  return any;
}

PartitionList with_offset(const rd_kafka_topic_partition_list_t& partitions, std::int64_t offset) {
  PartitionList list(rd_kafka_topic_partition_list_copy(&partitions));
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = offset;
  return list;
}

}  // namespace

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

bool TopicCensus::has_any(std::span<const std::string> subscription) const {
  return std::ranges::any_of(subscription, [this](const std::string& topic) {
    return topic.starts_with('^') ? matches_any(topic, partitions_) : partitions_.contains(topic);
  });
}

PartitionList TopicCensus::set_starts(rd_kafka_t* client, rd_kafka_topic_partition_list_t& partitions, int timeout_ms,
                                      bool fetching, bool may_repeat) const {
  // Looking the beginning up would wait behind the fetch that is under way on the same connection (fetch.wait.max.ms),
  // so a topic found while running is read from offset 0: it has just been made, and nothing of it was deleted yet.
  const std::int64_t beginning = fetching ? 0 : RD_KAFKA_OFFSET_BEGINNING;
  PartitionList committed = with_offset(partitions, RD_KAFKA_OFFSET_INVALID);
  const bool known = rd_kafka_committed(client, committed.get(), timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!known && !may_repeat) return committed;
  for (int i = 0; i < partitions.cnt; ++i) {
    rd_kafka_topic_partition_t& partition = partitions.elems[i];
    const bool has_committed = known && committed->elems[i].offset >= 0;
    if (!has_committed && is_new(partition.topic, partition.partition)) partition.offset = beginning;
  }
  return committed;
}

bool TopicCensus::set_ends(rd_kafka_t* client, rd_kafka_topic_partition_list_t& partitions, int timeout_ms) const {
  const PartitionList committed = with_offset(partitions, RD_KAFKA_OFFSET_INVALID);
  if (rd_kafka_committed(client, committed.get(), timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const PartitionList ends(rd_kafka_topic_partition_list_new(partitions.cnt));
  for (int i = 0; i < partitions.cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = partitions.elems[i];
    if (committed->elems[i].offset >= 0 || is_new(partition.topic, partition.partition)) continue;
    // As a timestamp it asks for the end: ListOffsets in the Kafka protocol guide.
    rd_kafka_topic_partition_list_add(ends.get(), partition.topic, partition.partition)->offset = RD_KAFKA_OFFSET_END;
  }
  if (ends->cnt == 0) return true;
  if (rd_kafka_offsets_for_times(client, ends.get(), timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  const std::span found(ends->elems, static_cast<std::size_t>(ends->cnt));
  if (std::ranges::any_of(found, [](const auto& each) { return each.err != 0 || each.offset < 0; })) return false;
  for (const rd_kafka_topic_partition_t& each : found) {
    rd_kafka_topic_partition_list_find(&partitions, each.topic, each.partition)->offset = each.offset;
  }
  return true;
}

}  // namespace kafka_events
