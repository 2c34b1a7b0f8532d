// How a consumer goes on where that of another version of the module ended: with its client, or with one of its own once
// the group has assigned the partitions again.
#include <algorithm>
#include <utility>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

constexpr int seek_ms = 1000;

PartitionList assignment_of(rd_kafka_t* client) {
  rd_kafka_topic_partition_list_t* list = nullptr;
  if (rd_kafka_assignment(client, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return nullptr;
  return PartitionList(list);
}

bool is_subscribed(rd_kafka_t* client) {
  rd_kafka_topic_partition_list_t* list = nullptr;
  if (rd_kafka_subscription(client, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  return PartitionList(list)->cnt > 0;
}

}  // namespace

std::vector<config::Property> ConsumerLoop::client_properties() const {
  std::vector<config::Property> properties = settings_.properties;
  for (config::Property& each : properties) {
    if (each.name == "enable.auto.commit") each.value = "false";  // see commit_when_due()
  }
  return properties;
}

// ---- Lifecycle thread ----

void ConsumerLoop::take_over_counters(const WorkerHandover& from) {
  for (const CounterHandover& each : from.counters) {
    if (each.name == "consumer.records") records_ = each.value;
    if (each.name == "consumer.rebalances") rebalances_ = each.value;
    if (each.name == "consumer.not_handed_over") not_handed_over_ = each.value;
  }
  if (from.census_taken) census_.take_over(from.known_topics);
  commands_.take_over(from);
  handler_->take_over_counters(from);
  for (const PartitionHandover& each : from.partitions) expected_[each.partition] = each;
}

rd_kafka_t* ConsumerLoop::forget_client() {
  commit_answers_.reset();
  const std::lock_guard lock(queue_mutex_);
  queue_.reset();
  state_ = ConsumerState::stopped;
  ended_ = true;
  return std::exchange(client_, nullptr);
}

// ---- Consumer thread ----

/// The client is a member already, or has its partitions, or has not even asked for them yet.
void ConsumerLoop::go_on() {
  const PartitionList assigned = assignment_of(client_);
  const bool has_partitions = assigned != nullptr && assigned->cnt > 0;
  subscribed_ = has_partitions || is_subscribed(client_);
  if (!subscribed_) return;
  probe_.taken_over();
  state_ = ConsumerState::joining;
  std::vector<PartitionHandover> partitions;
  if (has_partitions) {
    seen_assignment_ = true;
    last_commit_ = Clock::now();
    for (const TopicPartition& each : to_partitions(*assigned)) {
      PartitionHandover& partition = partitions.emplace_back();
      partition.partition = each;
      if (auto known = expected_.extract(each)) partition = std::move(known.mapped());
    }
    go_on_with(partitions);
    keep_idle_queue(assigned->elems[0].topic);
  }
  if (state_ == ConsumerState::failed) return;
  tell_if_nothing_is_there();
  if (has_partitions || member_was_assigned_) state_ = ConsumerState::running;
  publish_status();
}

void ConsumerLoop::go_on_with(std::span<const PartitionHandover> partitions) {
  const bool committed = settings_.qos != config::Qos::at_least_once;
  std::vector<TopicPartition> names;
  for (const PartitionHandover& each : partitions) {
    names.push_back(each.partition);
    assignment_.take_over(each, each.paused, committed);
  }
  handler_->on_assigned(names);
  handler_->take_over(partitions);
  if (!seek_back(partitions)) return;
  rest_partitions();
}

/// Records that wait to be tried again are read once more: the other version's copies are gone.
bool ConsumerLoop::seek_back(std::span<const PartitionHandover> partitions) {
  for (const PartitionHandover& each : partitions) {
    if (each.stopped || each.next_offset < 0 || each.position <= each.next_offset) continue;
    const TopicHandle topic(rd_kafka_topic_new(client_, each.partition.topic.c_str(), nullptr));
    const auto code = rd_kafka_seek(topic.get(), each.partition.partition, each.next_offset, seek_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    fail(std::string("records that wait to be tried again cannot be read once more (") + rd_kafka_err2str(code) +
         "); stop and start the plugin");
    return false;
  }
  return true;
}

void ConsumerLoop::take_over_assigned(const rd_kafka_topic_partition_list_t& partitions,
                                      const rd_kafka_topic_partition_list_t& committed) {
  std::vector<PartitionHandover> known;
  for (const TopicPartition& each : to_partitions(partitions)) {
    const auto found = expected_.extract(each);
    if (found.empty()) continue;
    const rd_kafka_topic_partition_t* at =
        rd_kafka_topic_partition_list_find(&committed, each.topic.c_str(), each.partition);
    // Beyond what the other version had done: meanwhile the partition was somebody else's.
    if (at != nullptr && at->offset > found.mapped().next_offset) continue;
    assignment_.take_over(found.mapped(), false, false);
    known.push_back(found.mapped());
  }
  if (!known.empty()) handler_->take_over(known);
}

}  // namespace kafka_events
