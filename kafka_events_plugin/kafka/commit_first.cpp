// at_most_once: offsets are committed before their records are handed over.
#include "kafka/commit_first.h"

#include <algorithm>
#include <map>
#include <utility>

namespace kafka_events {
namespace {

constexpr std::uint64_t max_bytes = 16U << 20;

bool is_of(const InboundRecord& record, const TopicPartition& partition) {
  return record.partition == partition.partition && record.topic == partition.topic;
}

}  // namespace

CommitFirst::~CommitFirst() {
  for (const Held& held : records_) held.record.release(held.record.owner);
}

void CommitFirst::add(const InboundRecord& record) {
  Held held{record, {record.headers.begin(), record.headers.end()}};
  held.record.headers = held.headers;
  bytes_ += record.key.size() + record.value.size();
  records_.push_back(std::move(held));
}

bool CommitFirst::full(std::size_t max_records) const noexcept {
  return records_.size() >= max_records || bytes_ >= max_bytes;
}

PartitionList CommitFirst::offsets() const {
  std::map<std::pair<std::string_view, std::int32_t>, std::int64_t> next;
  for (const Held& held : records_) next[{held.record.topic, held.record.partition}] = held.record.offset + 1;
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [partition, offset] : next) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(partition.first).c_str(), partition.second)->offset =
        offset;
  }
  return list;
}

void CommitFirst::hand_over(const rd_kafka_topic_partition_list_t& committed,
                            const std::function<void(const InboundRecord&)>& hand) {
  std::vector<Held> left;
  bytes_ = 0;
  for (Held& held : std::exchange(records_, {})) {
    const std::string topic(held.record.topic);
    const rd_kafka_topic_partition_t* answer =
        rd_kafka_topic_partition_list_find(&committed, topic.c_str(), held.record.partition);
    const bool done =
        answer != nullptr && answer->err == RD_KAFKA_RESP_ERR_NO_ERROR && answer->offset > held.record.offset;
    if (done) {
      hand(held.record);
      continue;
    }
    bytes_ += held.record.key.size() + held.record.value.size();
    left.push_back(std::move(held));
  }
  records_ = std::move(left);
  attempted_ = !records_.empty();
}

std::uint64_t CommitFirst::drop(std::span<const TopicPartition> partitions) {
  const auto goes = [&](const Held& held) {
    return std::ranges::any_of(partitions, [&](const TopicPartition& each) { return is_of(held.record, each); });
  };
  const auto gone = std::ranges::stable_partition(records_, [&](const Held& held) { return !goes(held); });
  const auto count = static_cast<std::uint64_t>(gone.size());
  for (const Held& held : gone) {
    bytes_ -= held.record.key.size() + held.record.value.size();
    held.record.release(held.record.owner);
  }
  records_.erase(gone.begin(), gone.end());
  const bool attempted = attempted_;
  attempted_ = attempted_ && !records_.empty();
  return attempted ? count : 0;
}

}  // namespace kafka_events
