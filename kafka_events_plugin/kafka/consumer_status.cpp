// What a consumer tells of itself: gathered on its thread every now and then, read on any other.
#include "kafka/consumer_loop.h"

namespace kafka_events {
namespace {

constexpr std::chrono::milliseconds status_interval{250};

}  // namespace

void ConsumerLoop::publish_status() {
  status_due_ = Clock::now() + status_interval;
  std::vector<PartitionStatus> partitions = assignment_.status(client_);
  for (PartitionStatus& each : partitions) each.held = commands_.holds({each.topic, each.partition});
  char* member = rd_kafka_memberid(client_);
  const std::lock_guard lock(status_mutex_);
  shared_.assignment = std::move(partitions);
  shared_.paused = resting_;
  shared_.member_id = member == nullptr ? "" : member;
  if (member != nullptr) rd_kafka_mem_free(client_, member);
}

ConsumerStatus ConsumerLoop::status() const {
  ConsumerStatus status;
  {
    const std::lock_guard lock(status_mutex_);
    status = shared_;
  }
  status.worker = settings_.name;
  status.group = settings_.group;
  status.subscription = settings_.topics;
  status.state = state();
  status.connected = connected();
  status.records = records_.load();
  status.rebalances = rebalances_.load();
  status.not_handed_over = not_handed_over_.load();
  status.last_errors = errors_.list();
  status.held = commands_.holds_all();
  status.in_handler = in_handler_.load();
  if (status.state != ConsumerState::stopped && status.state != ConsumerState::failed) {
    status.since_turn = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_turn_.load());
  }
  return status;
}

}  // namespace kafka_events
