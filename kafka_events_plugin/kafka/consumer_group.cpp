// The consumer thread and its group: assignments, revocations and commits. consumer_end.cpp has the leaving.
#include <algorithm>
#include <thread>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

/// The rest of the group waits meanwhile, and after max.poll.interval.ms it goes on without us.
constexpr std::chrono::seconds longest_revocation{10};
constexpr int max_poll_interval_share = 4;
constexpr int committed_lookup_ms = 2000;
constexpr std::chrono::seconds commit_limit{5};
constexpr int longest_answer_ms = 5000;
constexpr std::chrono::milliseconds commit_pause{20};
/// For the last commit, even after the deadline.
constexpr std::chrono::milliseconds least_time_to_commit{1000};

bool is_cooperative(rd_kafka_t* client) {
  const char* protocol = rd_kafka_rebalance_protocol(client);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

/// A group that is being rebalanced knows a newer generation than this member for a moment, or accepts no commits. What
/// has not been given back is still this member's, so that the same commit succeeds when it has caught up.
bool passes_with_the_rebalance(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || code == RD_KAFKA_RESP_ERR__WAIT_COORD ||
         code == RD_KAFKA_RESP_ERR__TRANSPORT;
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
  last_rebalance_ = Clock::now();
  seen_assignment_ = seen_assignment_ || rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
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
    const PartitionList committed = census_.set_starts(client_, partitions, committed_lookup_ms, !assignment_.empty(),
                                                       settings_.qos == config::Qos::at_least_once);
    if (settings_.keep_start) find_ends(partitions);
    assignment_.add(partitions, *committed);
    if (settings_.keep_start) keep_starts(partitions, *committed);
    keep_idle_queue(partitions.elems[0].topic);
    handler_->on_assigned(to_partitions(partitions));
    if (!expected_.empty()) take_over_assigned(partitions, *committed);
  } else if (assignment_.empty()) {
    handler_->on_assigned({});  // it is a member, and there is nothing to read
  }
  if (is_cooperative(client_)) {
    report(rd_kafka_incremental_assign(client_, &partitions));
  } else if (const auto code = rd_kafka_assign(client_, &partitions); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    errors_.add(LogLevel::warning, rd_kafka_err2name(code), rd_kafka_err2str(code));
  }
  state_ = ConsumerState::running;
}

void ConsumerLoop::find_ends(rd_kafka_topic_partition_list_t& partitions) {
  for (const auto limit = Clock::now() + revoke_limit(); !census_.set_ends(client_, partitions, committed_lookup_ms);) {
    if (must_stop()) return;
    if (Clock::now() < limit) continue;
    return errors_.add(
        LogLevel::warning, "_TIMED_OUT",
        "the ends of partitions could not be looked up: what is written in the next moment may be missed");
  }
}

/// Where reading begins is as good as a watermark.
void ConsumerLoop::keep_starts(const rd_kafka_topic_partition_list_t& partitions,
                               const rd_kafka_topic_partition_list_t& committed) {
  for (int i = 0; i < partitions.cnt; ++i) {
    const rd_kafka_topic_partition_t& each = partitions.elems[i];
    if (each.offset >= 0 && committed.elems[i].offset < 0)
      assignment_.moved_to({each.topic, each.partition}, each.offset);
  }
}

void ConsumerLoop::on_revoked(rd_kafka_topic_partition_list_t& partitions) {
  const bool cooperative = is_cooperative(client_);
  if (!leaving_) {
    const std::vector<TopicPartition> going = to_partitions(partitions);
    if (rd_kafka_assignment_lost(client_) != 0) {
      errors_.add(LogLevel::warning, "_ASSIGNMENT_LOST",
                  "the group went on without this member: what was not committed will be handled again by another");
      drop_uncommitted(going);
      handler_->on_lost(going);
    } else {
      give_back(going, Clock::now() + revoke_limit());
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

ConsumerLoop::Clock::duration ConsumerLoop::revoke_limit() const {
  const auto interval =
      milliseconds_of(settings_.properties, "max.poll.interval.ms", longest_revocation * max_poll_interval_share);
  return std::min<Clock::duration>(longest_revocation, interval / max_poll_interval_share);
}

void ConsumerLoop::give_back(std::span<const TopicPartition> partitions, Clock::time_point deadline) {
  // What is not committed yet is somebody else's.
  drop_uncommitted(partitions);
  store_watermarks();
  const PartitionList last = assignment_.advance(handler_->on_revoked(partitions, deadline));
  if (settings_.qos == config::Qos::exactly_once && last != nullptr) assignment_.committed(*last);
  if (settings_.qos != config::Qos::at_least_once) return;
  const PartitionList all = assignment_.uncommitted(partitions);
  if (all != nullptr) commit(*all, std::max(deadline, Clock::now() + least_time_to_commit));
}

void ConsumerLoop::commit(const rd_kafka_topic_partition_list_t& offsets, Clock::time_point deadline) {
  const auto limit = std::min(deadline, Clock::now() + commit_limit);
  take_commit_answers(remaining_ms(limit, longest_answer_ms));
  const QueueHandle answers(rd_kafka_queue_new(client_));
  for (;;) {
    auto code = rd_kafka_commit_queue(client_, &offsets, answers.get(), nullptr, nullptr);
    EventOwner answer;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.reset(rd_kafka_queue_poll(answers.get(), remaining_ms(limit, longest_answer_ms)));
      code = answer == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(answer.get());
    }
    const bool again = passes_with_the_rebalance(code) && rd_kafka_assignment_lost(client_) == 0;
    if (again && Clock::now() + commit_pause < limit) {
      std::this_thread::sleep_for(commit_pause);
      continue;
    }
    if (answer != nullptr) return on_committed(answer.get());
    return errors_.add(LogLevel::warning, rd_kafka_err2name(code),
                       "offsets could not be committed in time: records may come twice");
  }
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

}  // namespace kafka_events
