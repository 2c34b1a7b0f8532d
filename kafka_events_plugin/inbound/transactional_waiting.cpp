// Records of a TransactionalFlow that cannot be decoded yet: they leave their transaction and wait, the others go on.
#include "inbound/retry_rules.h"
#include "inbound/transactional_flow.h"

namespace kafka_events {

/// The record before it in its partition was withdrawn from this very transaction.
bool TransactionalFlow::waits_behind(std::uint64_t index) const {
  if (index == 0 || batch_->state(index - 1) != ItemState::withdrawn) return false;
  const InboundRecord record = batch_->item(index).record->view();
  const InboundRecord before = batch_->item(index - 1).record->view();  // a partition's records follow one another
  return record.partition == before.partition && record.topic == before.topic;
}

/// It is tried again soon, and its partition rests meanwhile; the others of its transaction go on.
void TransactionalFlow::wait_for_schema(std::uint64_t index, const std::string& reason) {
  TransactionItem& item = batch_->item(index);
  const InboundRecord record = item.record->view();
  const std::string text = "record " + record_id(record.topic, record.partition, record.offset) + " waits: " + reason;
  batch_->withdraw(index);
  queue_.rest(record, Clock::now() + pause_undecided(++item.undecided));
  if (undecided_.insert({std::string(record.topic), record.partition}).second) {
    warn("a record waits, and its partition with it", text);
  }
  const std::lock_guard lock(mutex_);
  counts_.waiting_for_schema = undecided_.size();
  counts_.waiting_reason = text;
}

void TransactionalFlow::decided(const TopicPartition& partition) {
  if (undecided_.erase(TopicPartition(partition)) == 0) return;
  const std::lock_guard lock(mutex_);
  counts_.waiting_for_schema = undecided_.size();
  if (undecided_.empty()) counts_.waiting_reason.clear();
}

void TransactionalFlow::not_decoded(std::uint64_t index, const Error& error) {
  if (error.code == ErrorCode::unavailable) return wait_for_schema(index, error.message);
  TransactionItem& item = batch_->item(index);
  item.stage = "decode";
  item.reason = error.message;
  {
    const std::lock_guard lock(mutex_);
    ++counts_.decode_failures;
  }
  give_up(index);
}

}  // namespace kafka_events
