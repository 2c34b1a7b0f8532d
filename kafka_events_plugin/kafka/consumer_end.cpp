// How the consumer's thread leaves its group and ends its client.
#include <algorithm>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

/// Leaving a group properly is worth a moment even after the deadline: a member that vanishes holds up its partitions
/// until its session times out.
constexpr std::chrono::milliseconds least_time_to_leave{1000};
/// While a JoinGroup is under way librdkafka's close waits 5 s for nothing.
constexpr std::chrono::milliseconds time_to_leave_unjoined{500};
/// The other members answer a rebalance with their next heartbeat, which is sent every 3 s by default.
constexpr std::chrono::milliseconds time_to_be_assigned{4000};
constexpr int close_poll_ms = 20;
/// The group's next member waits already.
constexpr std::chrono::milliseconds time_to_end_hurried{50};
/// Up to this release rd_kafka_destroy() aborts the process for a member of a cooperative-sticky group that has had no
/// assignment yet (librdkafka issue 4312, fixed in 2.3.0).
constexpr int last_version_that_aborts = 0x020200ff;

}  // namespace

void ConsumerLoop::leave() {
  // A worker that failed by itself has all the time that a revocation has.
  const auto deadline = must_stop() ? stop_by_.load() : Clock::now() + revoke_limit();
  const bool joined = state_ == ConsumerState::running;
  commands_.close("worker " + settings_.name + " is being stopped");
  const std::vector<TopicPartition> partitions = assignment_.all();
  give_back(partitions, deadline);
  assignment_.remove(partitions);
  leaving_ = true;
  const bool can_be_destroyed = wait_for_first_assignment(Clock::now() + time_to_be_assigned);
  const auto now = Clock::now();
  close(joined ? std::max(deadline, now + least_time_to_leave) : now + time_to_leave_unjoined);
  commit_answers_.reset();
  probe_.reset();
  publish_status();
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.reset();
    idle_queue_.reset();
  }
  end_client(can_be_destroyed,
             hurried_ ? Clock::now() + time_to_end_hurried : std::max(deadline, Clock::now() + least_time_to_leave));
  if (state_ != ConsumerState::failed) state_ = ConsumerState::stopped;
}

void ConsumerLoop::close(Clock::time_point deadline) {
  report(rd_kafka_consumer_close_queue(client_, queue_.get()));
  while (rd_kafka_consumer_closed(client_) == 0 && Clock::now() < deadline) {
    EventOwner event(rd_kafka_queue_poll(queue_.get(), close_poll_ms));
    if (event != nullptr) serve(std::move(event));
  }
}

/// False: destroying the client might abort the process.
bool ConsumerLoop::wait_for_first_assignment(Clock::time_point limit) {
  const bool sticky =
      property_value(settings_.properties, "partition.assignment.strategy").find("cooperative-sticky") !=
      std::string_view::npos;
  if (!sticky || !settings_.partitions.empty() || rd_kafka_version() > last_version_that_aborts) return true;
  while (!seen_assignment_ && Clock::now() < limit) {
    if (!has_member_id()) {
      // From here on no answer makes it a member, so that what is looked at next stays true.
      rd_kafka_unsubscribe(client_);
      return !has_member_id();
    }
    EventOwner event(rd_kafka_queue_poll(queue_.get(), close_poll_ms));
    if (event != nullptr) serve(std::move(event));
  }
  return seen_assignment_;
}

void ConsumerLoop::end_client(bool can_be_destroyed, Clock::time_point deadline) {
  client_left_ = !can_be_destroyed || !destroy_client(client_, deadline);
  client_ = nullptr;
  if (!client_left_) return;
  log_.write(LogLevel::warning, "kafka.consumer." + settings_.name,
             can_be_destroyed
                 ? "somebody still holds records: the client ends when they are released"
                 : "its group gave it no assignment in time, and librdkafka before 2.3.0 would abort if such "
                   "a client were ended: it is left behind, closed");
}

}  // namespace kafka_events
