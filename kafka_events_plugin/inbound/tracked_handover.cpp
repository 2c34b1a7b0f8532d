// What a worker whose records are tracked one by one hands to another version of the module, and takes over from it.
#include <iterator>
#include <mutex>
#include <utility>

#include "inbound/counters.h"
#include "inbound/tracked_flow.h"

namespace kafka_events {

bool TrackedFlow::is_quiet() const {
  if (in_flight() > 0) return false;
  // A completion that is about to add a failed record holds its tracker.
  for (const auto& [partition, tracker] : trackers_) {
    if (tracker->in_flight() > 0) return false;
  }
  const std::lock_guard lock(worker_->mutex);
  return worker_->failed.empty();
}

void TrackedFlow::hand_over(WorkerHandover& to) const {
  const auto now = Failures::Clock::now();
  for (PartitionHandover& partition : to.partitions) {
    const auto tracker = trackers_.find(partition.partition);
    if (tracker == trackers_.end()) continue;
    tracker->second->hand_over(partition);
    if (const auto open = taken_over_.find(partition.partition); open != taken_over_.end()) {
      open->second.hand_over(partition, now);
    }
    failures_.hand_over(partition, now);
  }
  const InboundStatistics counts = statistics();
  to.stop_reason = counts.reason;
  add_counters(to.counters, settings_.name, counts);
}

void TrackedFlow::take_over_counters(const WorkerHandover& from) {
  InboundStatistics counts;
  take_counters(counts, from.counters);
  counts.reason = from.stop_reason;
  records_ = counts.records;
  events_ = counts.events;
  decode_failures_ = counts.decode_failures;
  own_ = counts.own;
  worker_->done = counts.done;
  worker_->handler_failures = counts.handler_failures;
  worker_->dead_lettered = counts.dead_lettered;
  failures_.take_over(counts);
}

void TrackedFlow::take_over(std::span<const PartitionHandover> partitions) {
  for (const PartitionHandover& each : partitions) {
    const auto tracker = trackers_.find(each.partition);
    if (tracker == trackers_.end()) continue;
    tracker->second->go_on_at(each.next_offset);
    if (each.stopped) {
      tracker->second->stop();
      failures_.stopped_before(each.partition);
    }
    if (each.done.empty() && each.retries.empty()) continue;
    taken_over_.erase(each.partition);
    taken_over_.try_emplace(each.partition, each, Failures::Clock::now());
  }
}

/// True: nothing more has to be done with it now.
bool TrackedFlow::is_taken_over(const Tracker& tracker, const InboundRecord& record) {
  const auto found = taken_over_.find(tracker->partition());
  if (found == taken_over_.end()) return false;
  TakenOver& open = found->second;
  if (open.is_done(record.offset)) {
    tracker->pass(record.offset);
    record.release(record.owner);
    return true;
  }
  if (const auto retry = open.take_retry(record.offset)) {
    go_on_waiting(tracker, record, *retry);
    return true;
  }
  if (open.keeps_any() || tracker->is_troubled()) {
    open.keep(record);
    return true;
  }
  if (open.empty()) taken_over_.erase(found);
  return false;
}

void TrackedFlow::go_on_waiting(const Tracker& tracker, const InboundRecord& record, const TakenOver::Retry& retry) {
  FailedRecord failed;
  failed.record = std::make_unique<KeptRecord>(record);
  failed.purpose = retry.retry.dead_letter ? Purpose::dead_letter : Purpose::handle;
  failed.attempts = retry.retry.attempts;
  failed.stage = retry.retry.stage == "decode" ? "decode" : "handle";
  failed.reason = retry.retry.reason;
  failed.undecided = failed.stage == "decode" && failed.attempts == 0 ? 1 : 0;
  record.release(record.owner);
  tracker->begin(failed);
  failures_.wait(std::move(failed), retry.due);
}

/// Records that came behind one that waited, in order, as long as none of them has to wait itself.
void TrackedFlow::handle_kept() {
  std::vector<Header> headers;
  for (auto each = taken_over_.begin(); each != taken_over_.end();) {
    TakenOver& open = each->second;
    const Tracker tracker = trackers_.at(each->first);
    while (open.keeps_any() && !tracker->is_troubled()) handle(tracker, open.take_first(headers));
    each = open.empty() && !tracker->is_troubled() ? taken_over_.erase(each) : std::next(each);
  }
}

}  // namespace kafka_events
