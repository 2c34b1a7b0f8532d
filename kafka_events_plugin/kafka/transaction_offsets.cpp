// Group metadata to and from text; reading a group's offsets.
#include "kafka/transaction_offsets.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <thread>
#include <vector>

#include "kafka/client.h"
#include "kafka/oauth_token.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds pause{50};
constexpr int attempt_ms = 5000;
constexpr std::chrono::seconds end_limit{2};

/// The connection of a producer, for a consumer of this group.
std::vector<config::Property> reader_properties(std::span<const config::Property> producer, std::string_view group) {
  constexpr std::array<std::string_view, 3> set_below = {"transactional.id", "group.id", "isolation.level"};
  std::vector<config::Property> properties;
  std::ranges::copy_if(producer, std::back_inserter(properties), [&](const config::Property& property) {
    return std::ranges::find(set_below, property.name) == set_below.end();
  });
  properties.push_back({"group.id", std::string(group), false, {}});
  properties.push_back({"enable.auto.commit", "false", false, {}});
  properties.push_back({"isolation.level", "read_committed", false, {}});  // requires stable offsets (KIP-447)
  return properties;
}

Error kafka_error(rd_kafka_resp_err_t code) { return {ErrorCode::failed, rd_kafka_err2str(code)}; }

/// Every partition that the cluster lets us see: the group may have an offset for any of them.
Result<PartitionList> all_partitions(rd_kafka_t* client, int timeout_ms) {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &answer, timeout_ms);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code);
  const MetadataHandle metadata(answer);
  PartitionList list(rd_kafka_topic_partition_list_new(metadata->topic_cnt));
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    if (topic.partition_cnt > 0) {
      rd_kafka_topic_partition_list_add_range(list.get(), topic.topic, 0, topic.partition_cnt - 1);
    }
  }
  return list;
}

/// -1 if there is none.
Result<std::int64_t> highest(const rd_kafka_topic_partition_list_t& partitions) {
  std::int64_t highest = -1;
  for (int i = 0; i < partitions.cnt; ++i) {
    const rd_kafka_topic_partition_t& each = partitions.elems[i];
    if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(each.err);
    highest = std::max(highest, each.offset);
  }
  return std::max<std::int64_t>(highest, -1);
}

Result<std::int64_t> attempt(rd_kafka_t* client, int timeout_ms) {
  auto partitions = all_partitions(client, timeout_ms);
  if (!partitions) return partitions.error();
  rd_kafka_topic_partition_list_t& list = *partitions.value();
  if (list.cnt == 0) return std::int64_t{-1};
  const auto code = rd_kafka_committed(client, &list, timeout_ms);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code);
  return highest(list);
}

Result<std::int64_t> attempts(rd_kafka_t* client, Clock::time_point deadline) {
  Error last(ErrorCode::timeout, "no time was left to ask");
  // Most errors here pass: the coordinator moves or loads, a transaction is about to be completed.
  for (int left = remaining_ms(deadline, attempt_ms); left > 0; left = remaining_ms(deadline, attempt_ms)) {
    const Result<std::int64_t> found = attempt(client, left);
    if (found) return found;
    last = found.error();
    std::this_thread::sleep_for(std::min<Clock::duration>(pause, std::max(deadline - Clock::now(), Clock::duration())));
  }
  return last;
}

}  // namespace

PartitionList to_partition_list(std::span<const TransactionOffset> offsets) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const TransactionOffset& each : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), each.partition.topic.c_str(), each.partition.partition)->offset =
        each.next_offset;
  }
  return list;
}

GroupMetadata read_group_metadata(std::string_view text) {
  rd_kafka_consumer_group_metadata_t* metadata = nullptr;
  const ErrorHandle other(rd_kafka_consumer_group_metadata_read(&metadata, text.data(), text.size()));
  if (other) metadata = rd_kafka_consumer_group_metadata_new(std::string(text).c_str());
  return GroupMetadata(metadata);
}

std::string write_group_metadata(const rd_kafka_consumer_group_metadata_t& metadata) {
  void* buffer = nullptr;
  std::size_t size = 0;
  const ErrorHandle failed(rd_kafka_consumer_group_metadata_write(&metadata, &buffer, &size));
  if (failed) return {};
  std::string text(static_cast<const char*>(buffer), size);
  rd_kafka_mem_free(nullptr, buffer);
  return text;
}

Result<std::int64_t> highest_committed(std::span<const config::Property> properties,
                                       const std::string& oauth_token_file, std::string_view group,
                                       Clock::time_point deadline) {
  const auto client = new_client(reader_properties(properties, group), RD_KAFKA_CONSUMER);
  if (!client) return client.error();
  if (!oauth_token_file.empty()) refresh_oauth_token(client.value(), oauth_token_file);
  const Result<std::int64_t> position = attempts(client.value(), deadline);
  destroy_client(client.value(), Clock::now() + end_limit);
  if (!position) return position.error().within("offsets of group " + std::string(group));
  return position;
}

}  // namespace kafka_events
