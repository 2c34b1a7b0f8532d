// The queue of commands, and which partitions an operator's pause holds.
#include "kafka/consumer_commands.h"

#include <algorithm>
#include <utility>

namespace kafka_events {

void ConsumerCommands::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

void ConsumerCommands::close(const std::string& reason) {
  std::vector<Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    closed_because_ = reason;
    left.swap(waiting_);
    any_waiting_ = false;
  }
  for (const Waiting& each : left) each.done(Error(ErrorCode::state, reason));
}

Result<void> ConsumerCommands::submit(ConsumerCommand command, Clock::time_point deadline, CommandDone done) {
  const std::lock_guard lock(mutex_);
  if (!open_) return Error(ErrorCode::state, closed_because_);
  if (waiting_.size() >= max_waiting) {
    return Error(ErrorCode::busy, std::to_string(max_waiting) + " commands are waiting for it already");
  }
  waiting_.push_back({std::move(command), deadline, std::move(done)});
  any_waiting_ = true;
  return {};
}

std::vector<ConsumerCommands::Waiting> ConsumerCommands::take(Clock::time_point now) {
  std::vector<Waiting> taken;
  if (!any_waiting_.load(std::memory_order_relaxed)) return taken;
  expire(now, "its turn came too late");
  const std::lock_guard lock(mutex_);
  taken.swap(waiting_);
  any_waiting_ = false;
  return taken;
}

void ConsumerCommands::expire(Clock::time_point now, const std::string& why) {
  if (!any_waiting_.load(std::memory_order_relaxed)) return;
  std::vector<Waiting> late;
  {
    const std::lock_guard lock(mutex_);
    const auto first =
        std::ranges::stable_partition(waiting_, [&](const Waiting& each) { return each.deadline > now; });
    late.assign(std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
    waiting_.erase(first.begin(), first.end());
    any_waiting_ = !waiting_.empty();
  }
  for (const Waiting& each : late) each.done(Error(ErrorCode::timeout, "nothing was done: " + why));
}

void ConsumerCommands::hold(const std::optional<TopicPartition>& partition) {
  const std::lock_guard lock(mutex_);
  if (!partition) {
    all_held_ = true;
    exceptions_.clear();
  } else if (all_held_) {
    exceptions_.erase(*partition);
  } else {
    exceptions_.insert(*partition);
  }
  any_held_ = all_held_ || !exceptions_.empty();
}

void ConsumerCommands::release(const std::optional<TopicPartition>& partition) {
  const std::lock_guard lock(mutex_);
  if (!partition) {
    all_held_ = false;
    exceptions_.clear();
  } else if (all_held_) {
    exceptions_.insert(*partition);
  } else {
    exceptions_.erase(*partition);
  }
  any_held_ = all_held_ || !exceptions_.empty();
}

bool ConsumerCommands::holds(const TopicPartition& partition) const {
  if (!holds_any()) return false;
  const std::lock_guard lock(mutex_);
  return all_held_ != exceptions_.contains(partition);
}

bool ConsumerCommands::holds_all() const {
  const std::lock_guard lock(mutex_);
  return all_held_;
}

void ConsumerCommands::hand_over(WorkerHandover& to) const {
  const std::lock_guard lock(mutex_);
  to.held = all_held_;
  to.held_partitions.assign(exceptions_.begin(), exceptions_.end());
}

void ConsumerCommands::take_over(const WorkerHandover& from) {
  const std::lock_guard lock(mutex_);
  all_held_ = from.held;
  exceptions_ = {from.held_partitions.begin(), from.held_partitions.end()};
  any_held_ = all_held_ || !exceptions_.empty();
}

void ConsumerCommands::add_held(std::span<const TopicPartition> assigned, std::vector<TopicPartition>& paused) const {
  const std::lock_guard lock(mutex_);
  std::ranges::copy_if(assigned, std::back_inserter(paused),
                       [this](const TopicPartition& each) { return all_held_ != exceptions_.contains(each); });
}

}  // namespace kafka_events
