// The consumer thread and its group: assignments, revocations, commits, and leaving.
#include <algorithm>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"

namespace kafka_events {
namespace {

/// The rest of the group waits meanwhile, and after max.poll.interval.ms it goes on without us.
constexpr std::chrono::seconds revoke_limit{10};
constexpr int committed_lookup_ms = 2000;
constexpr std::chrono::seconds commit_limit{5};
/// Leaving a group properly is worth a moment even after the deadline: a member that vanishes holds up its partitions
/// until its session times out.
constexpr std::chrono::milliseconds least_time_to_leave{1000};
/// While a JoinGroup is under way librdkafka's close waits 5 s for nothing.
constexpr std::chrono::milliseconds time_to_leave_unjoined{500};
constexpr int close_poll_ms = 20;

bool is_cooperative(rd_kafka_t* client) {
  const char* protocol = rd_kafka_rebalance_protocol(client);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

}  // namespace

void ConsumerLoop::assign_fixed_partitions() {
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(settings_.topics.size())));
  for (const std::string& topic : settings_.topics) {
    if (topic.starts_with('^')) return fail("partitions are given, which needs names of topics, not patterns");
    for (const std::int32_t partition : settings_.partitions) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    }
  }
  on_assigned(*list);
}

void ConsumerLoop::on_rebalance(rd_kafka_event_t* event) {
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_event_topic_partition_list(event);
  rebalances_.fetch_add(1, std::memory_order_relaxed);
  switch (rd_kafka_event_error(event)) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      return on_assigned(*partitions);
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      return on_revoked(*partitions);
    default:
      errors_.add(LogLevel::warning, rd_kafka_err2name(rd_kafka_event_error(event)), "rebalancing failed");
      rd_kafka_assign(client_, nullptr);
  }
}

void ConsumerLoop::on_assigned(rd_kafka_topic_partition_list_t& partitions) {
  if (leaving_) {
    // Nothing is taken any more, but librdkafka waits for the answer.
    if (is_cooperative(client_)) return report(rd_kafka_incremental_assign(client_, &partitions));
    rd_kafka_assign(client_, &partitions);
    return;
  }
  if (partitions.cnt > 0) {
    const PartitionList committed = census_.set_starts(client_, partitions, committed_lookup_ms, !assignment_.empty());
    assignment_.add(partitions, *committed);
    handler_->on_assigned(to_partitions(partitions));
  }
  if (is_cooperative(client_)) {
    report(rd_kafka_incremental_assign(client_, &partitions));
  } else if (const auto code = rd_kafka_assign(client_, &partitions); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    errors_.add(LogLevel::warning, rd_kafka_err2name(code), rd_kafka_err2str(code));
  }
  state_ = ConsumerState::running;
}

void ConsumerLoop::on_revoked(rd_kafka_topic_partition_list_t& partitions) {
  const bool cooperative = is_cooperative(client_);
  if (!leaving_) {
    const std::vector<TopicPartition> going = to_partitions(partitions);
    if (rd_kafka_assignment_lost(client_) != 0) {
      handler_->on_lost(going);
    } else {
      give_back(going, Clock::now() + revoke_limit);
    }
    assignment_.wake(client_, going);
    assignment_.remove(going);
    if (!cooperative) state_ = ConsumerState::joining;
  }
  if (cooperative) {
    report(rd_kafka_incremental_unassign(client_, &partitions));
  } else {
    rd_kafka_assign(client_, nullptr);
  }
}

void ConsumerLoop::report(rd_kafka_error_t* error) {
  const ErrorHandle owner(error);
  if (owner != nullptr) errors_.add(LogLevel::warning, rd_kafka_error_name(error), rd_kafka_error_string(error));
}

void ConsumerLoop::give_back(std::span<const TopicPartition> partitions, Clock::time_point deadline) {
  store_watermarks();
  const PartitionList last = assignment_.advance(handler_->on_revoked(partitions, deadline));
  if (last != nullptr) rd_kafka_offsets_store(client_, last.get());
  const PartitionList all = assignment_.uncommitted(partitions);
  if (all != nullptr) commit(*all, std::max(deadline, Clock::now() + least_time_to_leave));
}

void ConsumerLoop::store_watermarks() {
  const PartitionList moved = assignment_.advance(handler_->watermarks());
  if (moved == nullptr) return;
  if (settings_.auto_commit) {
    rd_kafka_offsets_store(client_, moved.get());
  } else {
    // Nobody else would ever commit them: as soon as records are done, and without waiting for the answer.
    rd_kafka_commit_queue(client_, moved.get(), queue_.get(), nullptr, nullptr);
  }
}

void ConsumerLoop::commit(const rd_kafka_topic_partition_list_t& offsets, Clock::time_point deadline) {
  const QueueHandle answers(rd_kafka_queue_new(client_));
  const auto code = rd_kafka_commit_queue(client_, &offsets, answers.get(), nullptr, nullptr);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    errors_.add(LogLevel::warning, rd_kafka_err2name(code), "offsets could not be committed");
    return;
  }
  const int limit = static_cast<int>(std::chrono::milliseconds(commit_limit).count());
  const EventOwner answer(rd_kafka_queue_poll(answers.get(), remaining_ms(deadline, limit)));
  if (answer != nullptr) return on_committed(answer.get());
  errors_.add(LogLevel::warning, "_TIMED_OUT", "offsets could not be committed in time: records may come twice");
}

void ConsumerLoop::on_committed(rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_OFFSET_COMMIT) return;
  const auto code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    errors_.add(LogLevel::warning, rd_kafka_err2name(code),
                std::string("offsets could not be committed: ") + rd_kafka_err2str(code));
  }
  const rd_kafka_topic_partition_list_t* offsets = rd_kafka_event_topic_partition_list(event);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && offsets != nullptr) assignment_.committed(*offsets);
}

void ConsumerLoop::leave() {
  // A worker that failed by itself has all the time that a revocation has.
  const auto deadline = must_stop() ? stop_by_.load() : Clock::now() + revoke_limit;
  const bool joined = state_ == ConsumerState::running;
  const std::vector<TopicPartition> partitions = assignment_.all();
  give_back(partitions, deadline);
  assignment_.remove(partitions);
  leaving_ = true;
  const auto now = Clock::now();
  close(joined ? std::max(deadline, now + least_time_to_leave) : now + time_to_leave_unjoined);
  probe_.reset();
  publish_status();
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.reset();
  }
  client_left_ = !destroy_client(client_, std::max(deadline, Clock::now() + least_time_to_leave));
  client_ = nullptr;
  if (client_left_) {
    log_.write(LogLevel::warning, "kafka.consumer." + settings_.name,
               "somebody still holds records: the client ends when they are released");
  }
  if (state_ != ConsumerState::failed) state_ = ConsumerState::stopped;
}

void ConsumerLoop::close(Clock::time_point deadline) {
  report(rd_kafka_consumer_close_queue(client_, queue_.get()));
  while (rd_kafka_consumer_closed(client_) == 0 && Clock::now() < deadline) {
    EventOwner event(rd_kafka_queue_poll(queue_.get(), close_poll_ms));
    if (event != nullptr) serve(std::move(event));
  }
}

}  // namespace kafka_events
