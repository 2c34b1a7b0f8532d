// The relay thread: entries in transactions, in order of their positions. What became of them: transactional_reports.cpp.
#include <algorithm>
#include <array>
#include <pthread.h>
#include <utility>

#include "store/transactional_outbox.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view component = "outbox.exactly_once";
constexpr int refusals_of_a_record = 3;
constexpr auto step_time = 2s;      // of a step that can be taken again
constexpr auto longest_full = 10s;  // that a record is tried again within one transaction

}  // namespace

void TransactionalOutbox::run() {
  pthread_setname_np(pthread_self(), "kfk-outbox-txn");
  while (!stopping_) {
    // Between two turns no transaction is open.
    if (relay_.asked()) {
      report_published();
      if (relay_.leaves()) return;
    }
    try {
      turn();
    } catch (const std::exception&) {
      rest(100ms);  // out of memory
    }
  }
  report_published();
}

void TransactionalOutbox::turn() {
  if (fenced_ || !prepared_) report_published();
  if (fenced_) return rest(100ms);
  if (!prepared_ && !prepare()) return;
  if (!positioned_ && !find_position()) return;
  const std::uint64_t seen = appended_.load();
  const auto begun = store_->read(Stream::exactly_once, cursor_, 1, 1, [](auto, const auto&) { return true; });
  if (begun.ok() && begun.value() == cursor_) {
    report_published();
    return rest_until_appended(seen);
  }
  const TransactionStep step = kafka_->begin();
  if (!step.ok()) return give_up(step);
  std::uint64_t end = cursor_;
  const bool sound = fill(end);
  report_published();  // of the one before, while the broker works on this one
  if (!sound) return abort();
  finish_transaction(end, commit(end));
}

bool TransactionalOutbox::prepare() {
  const TransactionStep step = kafka_->prepare(Clock::now() + step_time);
  if (!step.ok()) {
    give_up(step);
    return false;
  }
  prepared_ = true;
  return true;
}

/// Kafka knows which entries it has: a crash between commit and erasure leaves some that must not be sent again.
bool TransactionalOutbox::find_position() {
  const auto committed = kafka_->committed_position(group_, Clock::now() + step_time);
  if (!committed.ok()) {
    set_trouble("the position in Kafka is not known yet: " + committed.error().message);
    rest(100ms);
    return false;
  }
  const PositionRange there = store_->positions(Stream::exactly_once);
  cursor_ = reported_ = there.first;
  {
    const std::lock_guard lock(sent_mutex_);
    sent_.clear();
  }
  const auto published = static_cast<std::uint64_t>(std::max<std::int64_t>(committed.value(), 0));
  if (published > there.end) {
    fenced_ = true;
    set_trouble("Kafka has position " + std::to_string(published) + " of this outbox, which itself ends at " +
                std::to_string(there.end) +
                ": it is an older copy; its entries are not sent. Remove the copy, or start " +
                "with an empty directory");
    const std::array fields{LogField{"consumer.group.name", group_}};
    log_.write(LogLevel::error, component, "the outbox is an older copy of itself; its entries are not sent", fields);
    return false;
  }
  if (published > cursor_) note_published(published);
  positioned_ = true;
  ready_ = true;
  set_trouble({});
  return true;
}

/// False: the transaction is of no use.
bool TransactionalOutbox::fill(std::uint64_t& end) {
  {
    const std::lock_guard lock(sent_mutex_);
    sent_.clear();
    sent_first_ = cursor_;
  }
  bool sound = true;
  bool any = false;
  const auto read = store_->read(Stream::exactly_once, cursor_, options_.max_entries, options_.max_bytes,
                                 [&](std::uint64_t position, const StoredEntry& entry) {
                                   // Somebody wants to take over: what was sent is enough.
                                   if (any && relay_.asked()) return false;
                                   any = true;
                                   sound = sound && send_entry(position, entry);
                                   return sound;
                                 });
  if (read.ok()) end = read.value();
  if (!read.ok()) set_trouble("the outbox can't be read: " + read.error().message);
  return read.ok() && sound;
}

bool TransactionalOutbox::send_entry(std::uint64_t position, const StoredEntry& entry) {
  {
    const std::lock_guard lock(sent_mutex_);
    sent_.resize(static_cast<std::size_t>(position - cursor_) + 1);
  }
  if (left_out_.contains(position)) return true;
  const Result<TopicId> topic = kafka_topic(entry.kafka_topic);
  SendStatus status = SendStatus::refused;
  std::string reason = topic.ok() ? std::string() : topic.error().message;
  if (topic.ok()) {
    const OutboundRecord record = to_record(entry, position, topic.value());
    // A client that failed for good while the transaction is filled stays "full" until a step looks at it.
    const auto patience = Clock::now() + longest_full;
    for (status = kafka_->send(record); status == SendStatus::full && !stopping_; status = kafka_->send(record)) {
      if (Clock::now() >= patience) break;
      rest(2ms);
    }
    if (status == SendStatus::accepted) {
      position_topic_ = entry.kafka_topic;
      return true;
    }
    reason = kafka_->explain(status, record);
  } else if (topic.error().code != ErrorCode::invalid) {
    return false;
  }
  if (status == SendStatus::full) return false;
  // Whether the record or the producer is at fault shows when a new transaction refuses it as well.
  refusals_ = refused_position_ == position ? refusals_ + 1 : 1;
  refused_position_ = position;
  const bool permanent = status == SendStatus::too_large || !topic.ok() || refusals_ >= refusals_of_a_record;
  const std::lock_guard lock(sent_mutex_);
  sent_.back().failure = permanent ? Failure::permanent : Failure::transient;
  sent_.back().reason = std::move(reason);
  return false;
}

TransactionStep TransactionalOutbox::commit(std::uint64_t end) {
  const TransactionOffset position{{position_topic_, 0}, static_cast<std::int64_t>(end)};
  const std::string group = kafka_->plain_group_metadata(group_);
  if (position_topic_.empty()) return {TransactionState::abort, "nothing was sent"};
  // After a loss of power the disk must not know less than Kafka: positions would be given a second time.
  if (const auto synced = store_->sync(); !synced.ok()) return {TransactionState::abort, synced.error().message};
  while (true) {
    const auto deadline = std::min(Clock::now() + options_.commit_timeout, stop_by_.load());
    TransactionStep step = kafka_->commit({&position, 1}, group, deadline);
    if (step.state != TransactionState::again || Clock::now() >= stop_by_.load()) return step;
    set_trouble(step.message);
    ready_ = false;
    tell_kept();
    rest(100ms);
  }
}

void TransactionalOutbox::finish_transaction(std::uint64_t end, const TransactionStep& step) {
  switch (step.state) {
    case TransactionState::done:
      committed_.fetch_add(1, std::memory_order_relaxed);
      note_published(end);
      ready_ = true;
      return set_trouble({});
    case TransactionState::abort:
      set_trouble(step.message);
      return abort();
    case TransactionState::again:  // stopping; whether it was committed Kafka says at the next start
      prepared_ = positioned_ = false;
      return;
    case TransactionState::renew:
    case TransactionState::fenced:
      return give_up(step);
  }
}

void TransactionalOutbox::abort() {
  aborted_.fetch_add(1, std::memory_order_relaxed);
  TransactionStep step;
  do {
    step = kafka_->abort(std::min(Clock::now() + options_.commit_timeout, stop_by_.load()));
  } while (step.state == TransactionState::again && !stopping_);
  leave_out_permanent_failures();
  if (!step.ok()) return give_up(step);
  rest(20ms);
}

void TransactionalOutbox::give_up(const TransactionStep& step) {
  set_trouble(step.message);
  if (step.state != TransactionState::abort) {
    ready_ = false;
    tell_kept();
  }
  if (step.state == TransactionState::fenced) {
    fenced_ = true;
    const std::array fields{LogField{"error.message", step.message}};
    log_.write(LogLevel::error, component, "another instance publishes this outbox's events; this one has stopped to",
               fields);
    return;
  }
  if (step.state == TransactionState::renew) prepared_ = positioned_ = false;
  if (step.state == TransactionState::abort) return abort();
  rest(100ms);
}

Result<TopicId> TransactionalOutbox::kafka_topic(std::string_view name) {
  std::string key(name);
  if (const auto known = kafka_topics_.find(key); known != kafka_topics_.end()) return known->second;
  const Result<TopicId> opened = kafka_->open_topic(name);
  if (opened.ok()) kafka_topics_.emplace(std::move(key), opened.value());
  return opened;
}

void TransactionalOutbox::rest(std::chrono::milliseconds time) {
  std::unique_lock lock(wake_mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_.load(); });
}

void TransactionalOutbox::rest_until_appended(std::uint64_t seen) {
  std::unique_lock lock(wake_mutex_);
  relay_rests_ = true;
  wake_.wait_for(lock, 100ms, [&] { return stopping_.load() || relay_.asked() || appended_.load() != seen; });
  relay_rests_ = false;
}

}  // namespace kafka_events
