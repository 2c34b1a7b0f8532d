// The consumer thread and the worker's guarantee: offsets before records (at_most_once), after them (at_least_once), or
// with what their handlers publish (exactly_once).
#include <algorithm>
#include <array>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"

namespace kafka_events {
namespace {

constexpr std::chrono::seconds commit_limit{5};
/// How long to wait for one answer before looking whether to stop.
constexpr int answer_slice_ms = 100;
constexpr int longest_lookup_ms = 5000;
constexpr std::chrono::milliseconds least_commit_interval{10};
/// After one rebalance there is often another, in which a member may be expelled: so less is handled again.
constexpr std::chrono::milliseconds restless_interval{250};
constexpr std::chrono::seconds restless_time{10};
constexpr int free_coordinator_ms = 50;

}  // namespace

// ---- at_most_once ----

void ConsumerLoop::commit_and_hand_over() {
  if (first_.empty()) return;
  const PartitionList offsets = first_.offsets();
  const QueueHandle answers(rd_kafka_queue_new(client_));
  first_.attempted();
  const auto code = rd_kafka_commit_queue(client_, offsets.get(), answers.get(), nullptr, nullptr);
  first_failed_ = true;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    errors_.add(LogLevel::warning, rd_kafka_err2name(code), "offsets could not be committed before their records");
    return;
  }
  const EventOwner answer = answer_of(answers.get(), Clock::now() + commit_limit);
  if (answer == nullptr) {
    errors_.add(LogLevel::warning, "_TIMED_OUT", "offsets could not be committed before their records; trying again");
    return;
  }
  take_commit(answer.get());
}

EventOwner ConsumerLoop::answer_of(rd_kafka_queue_t* answers, Clock::time_point limit) const {
  EventOwner answer;
  do {
    const auto until = std::min(limit, stop_by_.load());
    answer.reset(rd_kafka_queue_poll(answers, std::max(1, remaining_ms(until, answer_slice_ms))));
  } while (answer == nullptr && Clock::now() < std::min(limit, stop_by_.load()));
  return answer;
}

void ConsumerLoop::take_commit(rd_kafka_event_t* answer) {
  const auto code = rd_kafka_event_error(answer);
  const rd_kafka_topic_partition_list_t* committed = rd_kafka_event_topic_partition_list(answer);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR || committed == nullptr) {
    // Still ours: the same commit again. Not ours any more: the revocation drops them.
    errors_.add(LogLevel::warning, rd_kafka_err2name(code),
                std::string("offsets could not be committed before their records: ") + rd_kafka_err2str(code));
    return;
  }
  std::vector<Watermark> moved;
  for (int i = 0; i < committed->cnt; ++i) {
    const rd_kafka_topic_partition_t& each = committed->elems[i];
    if (each.err == RD_KAFKA_RESP_ERR_NO_ERROR) moved.push_back({{each.topic, each.partition}, each.offset});
  }
  (void)assignment_.advance(moved);
  assignment_.committed(*committed);
  first_.hand_over(*committed, [this](const InboundRecord& record) {
    const auto inside = handling_.enter();
    handler_->on_record(record);
  });
  first_failed_ = !first_.empty();
}

void ConsumerLoop::drop_uncommitted(std::span<const TopicPartition> partitions) {
  const std::uint64_t dropped = first_.drop(partitions);
  first_failed_ = first_failed_ && !first_.empty();
  if (dropped == 0) return;
  not_handed_over_.fetch_add(dropped, std::memory_order_relaxed);
  const std::string count = std::to_string(dropped);
  log_.write(LogLevel::warning, "kafka.consumer." + settings_.name,
             "records are not handed over, because nobody knows whether their offsets were committed (at_most_once)",
             std::array{LogField{"kafka_events.records", count}});
}

// ---- at_least_once ----

void ConsumerLoop::store_watermarks() {
  const PartitionList moved = assignment_.advance(handler_->watermarks());
  if (settings_.qos == config::Qos::at_most_once) return;  // they were committed before
  if (settings_.qos == config::Qos::exactly_once) {
    if (moved != nullptr) assignment_.committed(*moved);  // with their transaction
    return;
  }
  commit_when_due(Clock::now());
}

/// Never two commits at a time: librdkafka repeats one that finds its group in a rebalance, and an older one that arrives
/// after a newer one would take the group's offset back. That is also why its own auto-commit is off.
void ConsumerLoop::commit_when_due(Clock::time_point now) {
  take_commit_answers(0);
  const bool restless = now - last_rebalance_ < restless_time;
  const auto interval =
      std::max(restless ? std::min(commit_interval_, restless_interval) : commit_interval_, least_commit_interval);
  if (commits_in_flight_ > 0 || now - last_commit_ < interval) return;
  const std::vector<TopicPartition> partitions = assignment_.all();
  const PartitionList moved = assignment_.uncommitted(partitions);
  if (moved == nullptr) return;
  last_commit_ = now;
  if (!is_coordinator_free(partitions.front())) return;
  const auto code = rd_kafka_commit_queue(client_, moved.get(), commit_answers_.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++commits_in_flight_;
  } else {
    errors_.add(LogLevel::warning, rd_kafka_err2name(code), "offsets could not be committed");
  }
}

/// While a JoinGroup waits for the other members, the broker leaves later requests on that connection unread. A commit
/// among them arrives with the old generation, and for that answer librdkafka 2.0.2 gives up the whole assignment. So
/// something harmless goes first.
bool ConsumerLoop::is_coordinator_free(const TopicPartition& any) const {
  if (!settings_.partitions.empty()) return true;  // no group, no JoinGroup
  const PartitionList list = to_list({&any, 1});
  return rd_kafka_committed(client_, list.get(), free_coordinator_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void ConsumerLoop::take_commit_answers(int timeout_ms) {
  while (commits_in_flight_ > 0) {
    const EventOwner answer(rd_kafka_queue_poll(commit_answers_.get(), timeout_ms));
    if (answer == nullptr) return;
    --commits_in_flight_;
    on_committed(answer.get());
  }
}

// ---- exactly_once ----

Result<std::string> ConsumerLoop::group_metadata() {
  rd_kafka_consumer_group_metadata_t* metadata = rd_kafka_consumer_group_metadata(client_);
  if (metadata == nullptr) return Error(ErrorCode::state, "the worker has no group");
  const void* bytes = nullptr;
  std::size_t size = 0;
  const ErrorHandle failed(rd_kafka_consumer_group_metadata_write(metadata, const_cast<void**>(&bytes), &size));
  rd_kafka_consumer_group_metadata_destroy(metadata);
  if (failed != nullptr) return Error(ErrorCode::failed, rd_kafka_error_string(failed.get()));
  std::string copy(static_cast<const char*>(bytes), size);
  rd_kafka_mem_free(nullptr, const_cast<void*>(bytes));
  // Looked at afterwards: what a member that was thrown out knows of itself is "no member", which the broker takes
  // without asking for a generation (KIP-447).
  if (settings_.partitions.empty() && !is_member()) {
    return Error(ErrorCode::state, "the membership in group " + settings_.group + " was lost");
  }
  return copy;
}

bool ConsumerLoop::has_member_id() const {
  char* id = rd_kafka_memberid(client_);
  const bool has_id = id != nullptr && *id != '\0';
  if (id != nullptr) rd_kafka_mem_free(client_, id);
  return has_id;
}

bool ConsumerLoop::is_member() const { return has_member_id() && rd_kafka_assignment_lost(client_) == 0; }

Result<std::vector<Watermark>> ConsumerLoop::committed(std::span<const TopicPartition> partitions,
                                                       Clock::time_point deadline) {
  const PartitionList list = to_list(partitions);
  const auto code = rd_kafka_committed(client_, list.get(), std::max(1, remaining_ms(deadline, longest_lookup_ms)));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Error(ErrorCode::timeout, rd_kafka_err2str(code));
  std::vector<Watermark> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& each = list->elems[i];
    if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) return Error(ErrorCode::failed, rd_kafka_err2str(each.err));
    offsets.push_back({{each.topic, each.partition}, each.offset >= 0 ? each.offset : -1});
  }
  return offsets;
}

void ConsumerLoop::give_up(std::string reason) { fail(std::move(reason)); }

}  // namespace kafka_events
