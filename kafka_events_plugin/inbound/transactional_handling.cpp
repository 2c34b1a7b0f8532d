// What happens to each record of a transaction: handed to its handlers, blamed, given up, done.
#include <algorithm>
#include <array>
#include <utility>

#include "inbound/retry_rules.h"
#include "inbound/transactional_flow.h"

namespace kafka_events {
namespace {

std::string id_of(const TransactionItem& item) {
  const InboundRecord record = item.record->view();
  return record_id(record.topic, record.partition, record.offset);
}

}  // namespace

void TransactionalFlow::on_record(const InboundRecord& record) {
  if (!queue_.add(record)) return;
  const std::lock_guard lock(mutex_);
  ++counts_.records;
}

// ---- Handing over ----

void TransactionalFlow::hand(std::uint64_t index) {
  if (!undecided_.empty() && waits_behind(index)) return batch_->withdraw(index);
  if (batch_->item(index).given_up) return give_up(index);
  publish(index);
}

void TransactionalFlow::publish(std::uint64_t index) {
  TransactionItem& item = batch_->item(index);
  const InboundRecord record = item.record->view();
  const auto made = maker_->make(record);
  if (!undecided_.empty() && (made || made.error().code != ErrorCode::unavailable)) {
    decided({std::string(record.topic), record.partition});
  }
  if (!made) return not_decoded(index, made.error());
  item.passed = made.value().passed;
  if (item.passed != Passed::no) return batch_->done(index);
  item.undecided = 0;
  {
    const std::lock_guard lock(mutex_);
    ++(item.attempts == 0 ? counts_.events : counts_.retries);
  }
  batch_->publishing(index);
  at_hand_.note(record.topic, record.partition, record.offset, made.value().draft.topic);
  Result<void> published;
  {
    const TransactionScope::Handing handing(scope_);
    const CauseScope cause(made.value().cause);
    published = bus_.publish(made.value().draft, batch_.get(), index);
  }
  if (published.ok()) return;
  const ErrorCode code = published.error().code;
  item.hopeless = code == ErrorCode::too_large || code == ErrorCode::invalid;
  batch_->not_published(index, published.error().message);
}

/// No handler sees it any more; its offset moves with this transaction.
void TransactionalFlow::give_up(std::uint64_t index) {
  TransactionItem& item = batch_->item(index);
  item.given_up = true;
  switch (settings_.on_failure) {
    case config::OnFailure::dead_letter:
      return write_dead_letter(index);
    case config::OnFailure::skip:
      return batch_->done(index);
    case config::OnFailure::stop:
      // Its offset must not move, so the transaction can't be committed.
      batch_->publishing(index);
      return batch_->not_published(index, item.reason);
  }
}

void TransactionalFlow::write_dead_letter(std::uint64_t index) {
  const TransactionItem& item = batch_->item(index);
  const InboundRecord record = item.record->view();
  const std::string to = dead_letter_topic(settings_, prefix_, record.topic);
  batch_->publishing(index);
  Result<void> sent;
  {
    const TransactionScope::Handing handing(scope_);
    sent = dead_letters_->send({record, item.stage, item.reason, to, settings_.name}, *batch_, index);
  }
  if (!sent.ok()) batch_->not_published(index, sent.error().message);
}

// ---- The end of a transaction ----

void TransactionalFlow::finish() {
  scope_.committed();
  moved_.insert(moved_.end(), offsets_.begin(), offsets_.end());
  std::vector<bool> withdrawn(batch_->size());
  for (std::uint64_t index = 0; index < batch_->size(); ++index) {
    withdrawn[index] = batch_->state(index) == ItemState::withdrawn;
  }
  std::vector<TransactionItem> items = batch_->take_items();
  end_batch();
  stage_ = Stage::idle;
  trouble_.clear();
  troubles_ = 0;
  std::vector<TransactionItem> back;
  for (std::size_t index = 0; index < items.size(); ++index) {
    if (withdrawn[index]) {
      back.push_back(std::move(items[index]));
    } else {
      finish(items[index]);
    }
  }
  queue_.put_back(std::move(back), nullptr);
}

/// The transaction that it had a part in is committed.
void TransactionalFlow::finish(const TransactionItem& item) {
  const bool skips = settings_.on_failure == config::OnFailure::skip;
  if (item.given_up) {
    if (skips) announce_skipped(bus_, id_of(item), item.reason);
    warn(skips ? "a record was skipped" : "a record became a dead letter", item.reason);
  } else if (item.passed == Passed::loop) {
    announce_loop_ended(bus_, id_of(item));
    warn("a record goes in circles, and ends here", "record " + id_of(item) + ": " + std::string(loop_reason));
  }
  const std::lock_guard lock(mutex_);
  ++(item.given_up                 ? skips ? counts_.skipped : counts_.dead_lettered
     : item.passed == Passed::own  ? counts_.own
     : item.passed == Passed::loop ? counts_.loops_ended
                                   : counts_.done);
}

void TransactionalFlow::handle_again() {
  const bool somebody_failed = batch_->any_failed();
  // A record that the broker will never take, and no handler that said so: which of them published it?
  const bool find_out = !somebody_failed && scope_.blame();
  const bool only_one = batch_->size() == 1;
  const bool nothing_done = batch_->ends().empty() && trouble_.empty();  // every record waits for its schema
  std::vector<std::pair<ItemState, std::string>> ends;
  for (std::uint64_t index = 0; index < batch_->size(); ++index) {
    ends.emplace_back(batch_->state(index), batch_->reason(index));
  }
  const std::shared_ptr<TransactionBatch> old = batch_;
  std::vector<TransactionItem> items = batch_->take_items();
  scope_.aborted();
  end_batch();
  stage_ = Stage::idle;
  for (std::size_t index = 0; index < items.size(); ++index) {
    if (ends[index].first == ItemState::failed) {
      blame(items[index], std::move(ends[index].second));
    } else if (find_out && only_one) {
      blame(items[index], "an event that its handlers published was refused by the broker");
    } else if (find_out && ends[index].first != ItemState::withdrawn) {
      items[index].alone = true;
    }
  }
  if (!somebody_failed && !find_out && !nothing_done) {
    not_before_ = Clock::now() + pause_after(settings_.retries, ++troubles_);
    warn("a transaction was given up and will be done again", trouble_);
  }
  trouble_.clear();
  queue_.put_back(std::move(items), old->in_flight() > 0 ? old : nullptr);
  if (nothing_done) return;
  const std::lock_guard lock(mutex_);
  ++counts_.aborted_transactions;
}

/// It failed: it will be tried again, or it is given up.
void TransactionalFlow::blame(TransactionItem& item, std::string reason) {
  if (!queue_.owns(item)) return;
  const bool dead_letter_failed = item.given_up && settings_.on_failure == config::OnFailure::dead_letter;
  std::uint32_t& attempts = dead_letter_failed ? item.dead_letter_attempts : item.attempts;
  ++attempts;
  {
    const std::lock_guard lock(mutex_);
    ++(dead_letter_failed ? counts_.dead_letter_failures : counts_.handler_failures);
  }
  const bool attempts_left = attempts < settings_.retries.attempts && !(item.hopeless && !dead_letter_failed);
  if (attempts_left && !(item.given_up && !dead_letter_failed)) {
    queue_.rest(item.record->view(), Clock::now() + pause_after(settings_.retries, attempts));
    if (!dead_letter_failed) item.reason = std::move(reason);
    return;
  }
  if (dead_letter_failed) {
    item.reason = "its dead letter: " + reason;
    return stop_partition(item);
  }
  item.reason = std::move(reason);
  if (settings_.on_failure == config::OnFailure::stop) return stop_partition(item);
  item.given_up = true;
}

void TransactionalFlow::stop_partition(const TransactionItem& item) {
  const InboundRecord record = item.record->view();
  if (!queue_.stop(record)) return;
  const std::string id = id_of(item);
  const std::array fields{LogField{"kafka_events.record", id}, LogField{"error.message", item.reason}};
  log_.write(LogLevel::error, "inbound." + settings_.name, "a partition stops at a record that can't be handled",
             fields);
  const std::lock_guard lock(mutex_);
  counts_.stopped.push_back({std::string(record.topic), record.partition});
  counts_.reason = "record " + id + " can't be handled: " + item.reason;
}

void TransactionalFlow::look_for_slow_handlers(Clock::time_point now) {
  std::vector<InFlightRecord> oldest;
  for (std::uint64_t index = 0; batch_ != nullptr && oldest.empty() && index < batch_->size(); ++index) {
    const TransactionItem& item = batch_->item(index);
    if (item.given_up || batch_->state(index) != ItemState::waiting) continue;
    const InboundRecord record = item.record->view();
    oldest.push_back({{std::string(record.topic), record.partition}, record.offset, item.attempts});
  }
  const auto slow = slow_handlers_.look(oldest, now);
  if (slow) report_slow_handler(log_, settings_.name, *slow, "");
}

/// At most one line a second.
void TransactionalFlow::warn(std::string_view what, std::string_view reason) {
  const auto now = Clock::now();
  if (now - warned_ < std::chrono::seconds(1)) return;
  warned_ = now;
  const std::array fields{LogField{"error.message", reason}};
  log_.write(LogLevel::warning, "inbound." + settings_.name, what, fields);
}

}  // namespace kafka_events
