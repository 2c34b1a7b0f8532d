// What an exactly_once worker hands to another version of the module, and takes over from it: always between two
// transactions, so that what is committed is all that was handled.
#include "inbound/counters.h"
#include "inbound/transactional_flow.h"

namespace kafka_events {

bool TransactionalFlow::is_quiet() const {
  if (batch_ != nullptr || scope_.running() > 0) return false;
  // What has been taken and may be handled is handled first; the rest is read once more.
  const auto now = Clock::now();
  const bool may_begin = stage_ == Stage::idle && now >= not_before_;
  return moved_.empty() && (!may_begin || queue_.active(now) == 0);
}

void TransactionalFlow::hand_over(WorkerHandover& to) const {
  const auto now = Clock::now();
  for (PartitionHandover& partition : to.partitions) queue_.hand_over(partition, now);
  const InboundStatistics counts = statistics();
  to.stop_reason = counts.reason;
  add_counters(to.counters, settings_.name, counts);
}

void TransactionalFlow::take_over_counters(const WorkerHandover& from) {
  const std::lock_guard lock(mutex_);
  counts_ = {};
  take_counters(counts_, from.counters);
  counts_.reason = from.stop_reason;
}

void TransactionalFlow::take_over(std::span<const PartitionHandover> partitions) {
  const auto now = Clock::now();
  for (const PartitionHandover& each : partitions) {
    queue_.take_over(each, now);
    if (!each.stopped) continue;
    const std::lock_guard lock(mutex_);
    counts_.stopped.push_back(each.partition);
  }
}

}  // namespace kafka_events
