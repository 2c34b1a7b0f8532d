// Retries, skips, dead letters, stops.
#include "inbound/failures.h"

#include <algorithm>
#include <array>
#include <utility>

#include "inbound/event_maker.h"
#include "inbound/retry_rules.h"

namespace kafka_events {
namespace {

constexpr std::uint32_t log_lines_a_second = 10;

std::string id_of(const InboundRecord& record) { return record_id(record.topic, record.partition, record.offset); }

}  // namespace

void Failures::add(FailedRecord&& failed, Hope hope, Clock::time_point now) {
  if (failed.tracker->closed()) return;
  const bool attempts_left = failed.attempts < settings_.retries.attempts;
  if (failed.purpose == Purpose::dead_letter) {
    {
      const std::lock_guard lock(mutex_);
      ++counts_.dead_letter_failures;
    }
    if (!attempts_left) return stop(*failed.tracker, id_of(failed.record->view()), "its dead letter: " + failed.reason);
  } else if (hope == Hope::none || !attempts_left) {
    return give_up(std::move(failed), now);
  }
  const auto due = now + pause_after(settings_.retries, failed.attempts);
  waiting_.push_back({std::move(failed), due});
}

void Failures::wait_for_schema(FailedRecord&& failed, std::string_view reason, Clock::time_point now) {
  if (failed.tracker->closed()) return;
  const std::string id = id_of(failed.record->view());
  if (failed.undecided++ == 0) log_given_up("a record waits, and its partition with it", id, reason);
  failed.stage = "decode";
  failed.reason = reason;
  const auto due = now + pause_undecided(failed.undecided);
  waiting_.push_back({std::move(failed), due});
  tell_undecided();
  const std::lock_guard lock(mutex_);
  counts_.waiting_reason = "record " + id + " waits: " + std::string(reason);
}

void Failures::tell_undecided() {
  const auto undecided = static_cast<std::uint64_t>(
      std::ranges::count_if(waiting_, [](const Waiting& each) { return each.failed.undecided > 0; }));
  if (std::exchange(told_undecided_, undecided) == undecided) return;
  const std::lock_guard lock(mutex_);
  counts_.waiting_for_schema = undecided;
  if (undecided == 0) counts_.waiting_reason.clear();
}

void Failures::end_loop(const std::string& record) {
  log_given_up("a record goes in circles, and ends here", record, loop_reason);
  announce_loop_ended(bus_, record);
  const std::lock_guard lock(mutex_);
  ++counts_.loops_ended;
}

void Failures::turn(Clock::time_point now, const Publish& publish) {
  if (waiting_.empty()) return;
  const auto due = std::ranges::stable_partition(waiting_, [&](const Waiting& each) { return each.due > now; });
  std::vector<Waiting> ready(std::make_move_iterator(due.begin()), std::make_move_iterator(due.end()));
  waiting_.erase(due.begin(), due.end());
  for (Waiting& each : ready) {
    if (each.failed.tracker->closed()) continue;
    const std::uint32_t attempts = each.failed.attempts + 1;
    if (each.failed.purpose == Purpose::dead_letter) {
      write_dead_letter(std::move(each.failed), attempts, now);
    } else {
      if (attempts > 1) {
        const std::lock_guard lock(mutex_);
        ++counts_.retries;
      }
      publish(std::move(each.failed), attempts);
    }
  }
  tell_undecided();
}

void Failures::give_up(FailedRecord&& failed, Clock::time_point now) {
  switch (settings_.on_failure) {
    case config::OnFailure::skip:
      return skip(std::move(failed));
    case config::OnFailure::stop:
      return stop(*failed.tracker, id_of(failed.record->view()), failed.reason);
    case config::OnFailure::dead_letter:
      log_given_up("a record becomes a dead letter", id_of(failed.record->view()), failed.reason);
      return write_dead_letter(std::move(failed), 1, now);
  }
}

void Failures::skip(FailedRecord&& failed) {
  const InboundRecord record = failed.record->view();
  const std::string id = id_of(record);
  log_given_up("a record is skipped", id, failed.reason);
  announce_skipped(bus_, id, failed.reason);
  failed.tracker->finish(record.offset);
  const std::lock_guard lock(mutex_);
  ++counts_.skipped;
}

void Failures::stop(OffsetTracker& tracker, const std::string& record, std::string_view reason) {
  if (tracker.stopped()) return;
  tracker.stop();
  const std::array fields{LogField{"kafka_events.record", record}, LogField{"error.message", reason}};
  log_.write(LogLevel::error, "inbound." + settings_.name, "a partition stops at a record that can't be handled",
             fields);
  const std::lock_guard lock(mutex_);
  counts_.stopped.push_back(tracker.partition());
  counts_.reason = "record " + record + " can't be handled: " + std::string(reason);
}

void Failures::write_dead_letter(FailedRecord&& failed, std::uint32_t attempts, Clock::time_point now) {
  const std::shared_ptr<OffsetTracker> tracker = failed.tracker;
  const std::string reason = failed.reason;
  const std::string_view stage = failed.stage;
  const InboundRecord record = tracker->begin_again(std::move(failed), Purpose::dead_letter, attempts);
  const std::int64_t offset = record.offset;  // the views may be gone when the completion has come
  const std::string to = dead_letter_topic(settings_, prefix_, record.topic);
  const auto sent =
      dead_letters_->send({record, stage, reason, to, settings_.name}, *tracker, static_cast<std::uint64_t>(offset));
  if (sent.ok()) return;
  if (auto again = tracker->not_published(offset, sent.error().message)) add(std::move(*again), Hope::retry, now);
}

void Failures::forget(const TopicPartition& partition) {
  std::erase_if(waiting_, [&](const Waiting& each) { return each.failed.tracker->partition() == partition; });
  tell_undecided();
  const std::lock_guard lock(mutex_);
  std::erase(counts_.stopped, partition);
  if (counts_.stopped.empty()) counts_.reason.clear();
}

void Failures::log_given_up(std::string_view what, const std::string& record, std::string_view reason) {
  const auto now = Clock::now();
  if (now - log_second_ >= std::chrono::seconds(1)) {
    log_second_ = now;
    logged_ = 0;
  }
  if (logged_++ >= log_lines_a_second) {
    ++not_logged_;
    return;
  }
  const std::string left_out = std::to_string(std::exchange(not_logged_, 0));
  const std::array fields{LogField{"kafka_events.record", record}, LogField{"error.message", reason},
                          LogField{"left_out", left_out}};
  log_.write(LogLevel::warning, "inbound." + settings_.name, what, fields);
}

void Failures::wait(FailedRecord&& failed, Clock::time_point due) {
  waiting_.push_back({std::move(failed), due});
  tell_undecided();
}

void Failures::hand_over(PartitionHandover& to, Clock::time_point now) const {
  for (const Waiting& each : waiting_) {
    if (each.failed.tracker->partition() != to.partition || each.failed.tracker->closed()) continue;
    const auto due_in = std::chrono::duration_cast<std::chrono::milliseconds>(each.due - now).count();
    to.retries.push_back({each.failed.record->view().offset, each.failed.attempts,
                          each.failed.purpose == Purpose::dead_letter, due_in, std::string(each.failed.stage),
                          each.failed.reason});
  }
  std::ranges::sort(to.retries, {}, &RetryHandover::offset);
}

void Failures::take_over(const InboundStatistics& counts) {
  const std::lock_guard lock(mutex_);
  counts_ = counts;
}

void Failures::stopped_before(const TopicPartition& partition) {
  const std::lock_guard lock(mutex_);
  counts_.stopped.push_back(partition);
}

void Failures::add_to(InboundStatistics& statistics) const {
  const std::lock_guard lock(mutex_);
  statistics.retries = counts_.retries;
  statistics.skipped = counts_.skipped;
  statistics.dead_letter_failures = counts_.dead_letter_failures;
  statistics.loops_ended = counts_.loops_ended;
  statistics.waiting_for_schema = counts_.waiting_for_schema;
  statistics.waiting_reason = counts_.waiting_reason;
  statistics.stopped = counts_.stopped;
  statistics.reason = counts_.reason;
}

}  // namespace kafka_events
