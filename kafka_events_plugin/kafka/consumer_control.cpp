// The consumer thread and its operators: pause, resume, seek; and what the watchdog does while it is inside a handler.
#include <algorithm>
#include <array>
#include <optional>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"

namespace kafka_events {
namespace {

/// Other partitions wait meanwhile.
constexpr int longest_lookup_ms = 5000;
/// A thread that stays inside a handler is reported again after this long.
constexpr std::chrono::seconds report_interval{60};

std::string name_of(const TopicPartition& partition) {
  return partition.topic + " [" + std::to_string(partition.partition) + "]";
}

std::string not_running(const std::string& worker, ConsumerState state) {
  return "worker " + worker + " is not running, it is " + std::string(to_text(state));
}

/// None: the newest record is older.
Result<std::optional<std::int64_t>> offset_at(rd_kafka_t* client, const TopicPartition& partition,
                                              std::int64_t timestamp_ms, int timeout_ms) {
  const PartitionList list = to_list({&partition, 1});
  list->elems[0].offset = timestamp_ms;
  const auto code = rd_kafka_offsets_for_times(client, list.get(), timeout_ms);
  const auto each = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list->elems[0].err : code;
  if (each != RD_KAFKA_RESP_ERR_NO_ERROR) return Error(ErrorCode::failed, rd_kafka_err2str(each));
  const std::int64_t offset = list->elems[0].offset;
  return offset < 0 ? std::nullopt : std::optional(offset);
}

}  // namespace

Result<void> ConsumerLoop::command(ConsumerCommand command, Clock::time_point deadline, CommandDone done) {
  if (const ConsumerState now = state(); now != ConsumerState::running) {
    return Error(ErrorCode::state, not_running(settings_.name, now));
  }
  if (auto taken = commands_.submit(std::move(command), deadline, std::move(done)); !taken) return taken;
  const std::lock_guard lock(queue_mutex_);
  if (queue_ != nullptr) rd_kafka_queue_yield(queue_.get());
  return {};
}

void ConsumerLoop::serve_commands() {
  for (const ConsumerCommands::Waiting& waiting : commands_.take(Clock::now())) {
    waiting.done(perform(waiting.command, waiting.deadline));
  }
}

Result<std::vector<PartitionStatus>> ConsumerLoop::perform(const ConsumerCommand& command, Clock::time_point deadline) {
  std::vector<TopicPartition> partitions = assignment_.all();
  if (command.partition) {
    if (std::ranges::find(partitions, *command.partition) == partitions.end()) {
      return Error(ErrorCode::state, name_of(*command.partition) + " is not assigned to this member of group " +
                                         settings_.group + " at the moment");
    }
    partitions = {*command.partition};
  }
  switch (command.action) {
    case ConsumerAction::pause:
      commands_.hold(command.partition);
      break;
    case ConsumerAction::resume:
      commands_.release(command.partition);
      break;
    case ConsumerAction::seek:
      if (partitions.empty()) return Error(ErrorCode::state, "no partition is assigned at the moment");
      if (auto sought = seek(partitions, command.target, deadline); !sought) return sought.error();
  }
  rest_partitions();
  publish_status();
  const std::lock_guard lock(status_mutex_);
  std::vector<PartitionStatus> answer = shared_.assignment;
  std::erase_if(answer, [&](const PartitionStatus& each) {
    return std::ranges::find(partitions, TopicPartition{each.topic, each.partition}) == partitions.end();
  });
  return answer;
}

Result<PartitionList> ConsumerLoop::look_up(std::span<const TopicPartition> partitions, const SeekTarget& target,
                                            Clock::time_point deadline) {
  PartitionList found = to_list(partitions);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const TopicPartition& partition = partitions[i];
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto code = rd_kafka_query_watermark_offsets(client_, partition.topic.c_str(), partition.partition, &low,
                                                       &high, remaining_ms(deadline, longest_lookup_ms));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Error(ErrorCode::timeout, rd_kafka_err2str(code)).within("the ends of " + name_of(partition));
    }
    std::int64_t offset = target.place == SeekPlace::beginning ? low : high;
    if (target.place == SeekPlace::offset) offset = target.value;
    if (target.place == SeekPlace::timestamp) {
      auto at = offset_at(client_, partition, target.value, remaining_ms(deadline, longest_lookup_ms));
      if (!at) return at.error().within("the timestamps of " + name_of(partition));
      offset = at.value().value_or(high);
    }
    if (offset < low || offset > high) {
      return Error(ErrorCode::invalid, "offset " + std::to_string(offset) + " is not in " + name_of(partition) +
                                           ", which goes from " + std::to_string(low) + " to " + std::to_string(high));
    }
    found->elems[i].offset = offset;
  }
  return found;
}

Result<void> ConsumerLoop::seek(std::span<const TopicPartition> partitions, const SeekTarget& target,
                                Clock::time_point deadline) {
  auto found = look_up(partitions, target, deadline);
  if (!found) return found.error();
  rd_kafka_topic_partition_list_t* offsets = found.value().get();
  // What is in flight is forgotten: its completions find trackers that move nothing any more.
  drop_uncommitted(partitions);
  handler_->on_lost(partitions);
  handler_->on_assigned(partitions);
  for (int i = 0; i < offsets->cnt; ++i) {
    const rd_kafka_topic_partition_t& to = offsets->elems[i];
    // Not rd_kafka_seek_partitions: 2.0.2 takes its timeout 1000 times too short.
    const TopicHandle topic(rd_kafka_topic_new(client_, to.topic, nullptr));
    const auto code = rd_kafka_seek(topic.get(), to.partition, to.offset, remaining_ms(deadline, longest_lookup_ms));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      // What was forgotten would be missing: after a new start it is read again from what was committed.
      fail(std::string("a seek failed half-way (") + rd_kafka_err2str(code) + "); stop and start the plugin");
      return Error(ErrorCode::failed, rd_kafka_err2str(code)).within("seeking " + name_of({to.topic, to.partition}));
    }
    assignment_.moved_to({to.topic, to.partition}, to.offset);
  }
  commit(*offsets, deadline);
  if (assignment_.uncommitted(partitions) == nullptr) return {};
  return Error(ErrorCode::timeout,
               "it reads from there now, but that is not committed yet: a restart may undo the seek. Seek once more");
}

// ---- The watchdog's thread ----

void ConsumerLoop::watch() {
  const auto now = Clock::now();
  const auto inside = handling_.look(now);
  if (inside < ConsumerWatchdog::patience) {
    in_handler_ = std::chrono::milliseconds(0);
    return;
  }
  in_handler_ = inside;
  {
    // To librdkafka the application has polled, so max.poll.interval.ms begins anew. Before 2.2 any queue does; later
    // ones want a queue of the consumer: that of no partition is one, and nothing ever comes through it.
    const std::lock_guard lock(queue_mutex_);
    if (idle_queue_ != nullptr) const EventOwner nothing(rd_kafka_queue_poll(idle_queue_.get(), 0));
  }
  commands_.expire(now, "the worker's thread is inside a handler");
  if (now < stuck_report_due_) return;
  stuck_report_due_ = now + report_interval;
  const std::string seconds = std::to_string(inside.count() / 1000);
  const AtHand at_hand = handler_->at_hand();
  const std::array fields{LogField{"kafka_events.event_topic", at_hand.event_topic},
                          LogField{"kafka_events.record", at_hand.record}, LogField{"seconds", seconds}};
  log_.write(LogLevel::warning, "kafka.consumer." + settings_.name,
             "a handler blocks the worker's thread: no partition of it moves", fields);
}

void ConsumerLoop::keep_idle_queue(const char* topic) {
  const std::lock_guard lock(queue_mutex_);
  if (idle_queue_ == nullptr) idle_queue_.reset(rd_kafka_queue_get_partition(client_, topic, RD_KAFKA_PARTITION_UA));
}

}  // namespace kafka_events
