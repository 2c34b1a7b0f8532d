// The transactions of a lane, and what each of their ends means for the records.
#include <algorithm>
#include <array>

#include "kafka/delivery_reports.h"
#include "kafka/single_writer_lane.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view component = "kafka.single_writer";
constexpr std::chrono::milliseconds look_time = 3000ms;
constexpr std::size_t largest_batch = 10'000;

/// Brokers refuse a whole batch for one record of it: who is at fault shows when they go one by one.
bool is_of_its_batch(std::string_view reason) {
  constexpr std::array codes{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
                             RD_KAFKA_RESP_ERR_INVALID_MSG,        RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
                             RD_KAFKA_RESP_ERR_INVALID_RECORD,     RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP};
  return std::ranges::any_of(codes, [&](rd_kafka_resp_err_t code) { return reason == failure_reason(code); });
}

}  // namespace

bool SingleWriterLane::prepare() {
  const bool had_client = position_ >= 0 || undecided_;
  if (had_client) {
    // Before the id is registered anew, which would fence whoever has written meanwhile.
    const auto seen = producer_->committed_position(group_, std::min(Clock::now() + look_time, stop_by_.load()));
    if (seen && seen.value() >= 0 && position_ >= 0 && seen.value() != position_ && seen.value() != next_position_) {
      be_fenced("it wrote while this one could not");
      return false;
    }
  }
  const TransactionStep step = producer_->prepare(step_deadline());
  if (!step.ok()) {
    give_up(step);
    return false;
  }
  if (undecided_) {
    const auto position = producer_->committed_position(group_, std::min(Clock::now() + look_time, stop_by_.load()));
    if (!position) {
      enter(State::connecting,
            "whether the last transaction was committed is not known yet: " + position.error().message);
      return false;
    }
    if (!settle_undecided(position.value())) return false;
  }
  prepared_ = true;
  enter(State::writing, {});
  return true;
}

/// False: another one has written.
bool SingleWriterLane::settle_undecided(std::int64_t position) {
  undecided_ = false;
  if (position == next_position_) {
    position_ = next_position_++;
    committed_.fetch_add(1, std::memory_order_relaxed);
    report_committed(undecided_count_);
  } else if (position >= 0 && position_ >= 0 && position != position_) {
    be_fenced("it wrote while this one could not");
    return false;
  }
  return true;
}

void SingleWriterLane::attempt() {
  const TransactionStep begun = producer_->begin();
  if (!begun.ok()) return give_up(begun);
  const std::size_t sent = fill();
  conclude(sent, commit(sent));
}

/// As many records as go, in order; returns how many were looked at.
std::size_t SingleWriterLane::fill() {
  if (!producer_topic_) {
    const Result<TopicId> opened = producer_->open_topic(topic_);
    if (!opened) return 0;
    producer_topic_ = opened.value();
  }
  {
    const std::lock_guard lock(sent_mutex_);
    sent_first_ += sent_.size();
    sent_.assign(batch_.size(), {});
  }
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const Entry& entry = batch_[i];
    const std::vector<Header> headers = entry.header_views();
    OutboundRecord record;
    record.topic = *producer_topic_;
    record.partition = entry.partition;
    record.key = entry.has_key ? Bytes(entry.key) : Bytes();
    record.value = entry.value();
    record.value_in_event = true;  // it stays where it is until its report
    record.headers = headers;
    record.timestamp_ms = entry.timestamp_ms;
    record.number = sent_first_ + i;
    const SendStatus status = producer_->send(record);
    // Its queue is full, or it has failed, which the commit will tell.
    if (status == SendStatus::full) return i;
    const std::lock_guard lock(sent_mutex_);
    if (status == SendStatus::accepted) {
      sent_[i].tried = true;
    } else {
      sent_[i].failure = Failure::permanent;
      sent_[i].reason = producer_->explain(status, record);
    }
  }
  return batch_.size();
}

TransactionStep SingleWriterLane::commit(std::size_t sent) {
  const TransactionOffset position{{topic_, 0}, next_position_};
  bool any = false;
  {
    const std::lock_guard lock(sent_mutex_);
    any = std::any_of(sent_.begin(), sent_.begin() + static_cast<std::ptrdiff_t>(std::min(sent, sent_.size())),
                      [](const Sent& each) { return each.tried; });
  }
  takes_position_ = any;
  const std::span<const TransactionOffset> offsets(&position, any ? 1 : 0);
  const std::string group = producer_->plain_group_metadata(group_);
  while (true) {
    TransactionStep step = producer_->commit(offsets, group, step_deadline());
    if (step.state != TransactionState::again || time_is_over()) return step;
    enter(State::connecting, step.message);
    rest(50ms);
  }
}

void SingleWriterLane::conclude(std::size_t sent, const TransactionStep& step) {
  switch (step.state) {
    case TransactionState::done:
      if (sent == 0) return rest(20ms);
      if (takes_position_) position_ = next_position_++;
      committed_.fetch_add(1, std::memory_order_relaxed);
      report_committed(sent);
      batch_limit_ = std::min(batch_limit_ * 2, largest_batch);
      return enter(State::writing, {});
    case TransactionState::abort:
      return abort();
    case TransactionState::again:  // stopping
    case TransactionState::renew:
      undecided_ = true;
      undecided_count_ = sent;
      return give_up(step);
    case TransactionState::fenced:
      return give_up(step);
  }
}

void SingleWriterLane::abort() {
  aborted_.fetch_add(1, std::memory_order_relaxed);
  TransactionStep step = producer_->abort(step_deadline());
  while (step.state == TransactionState::again && !time_is_over()) {
    enter(State::connecting, step.message);
    rest(50ms);
    step = producer_->abort(step_deadline());
  }
  drop_permanent_failures();
  expire();
  if (!step.ok()) return give_up(step);
  rest(20ms);
}

/// Of a transaction that was aborted: what Kafka will never take is reported, the rest goes once more.
void SingleWriterLane::drop_permanent_failures() {
  std::vector<Sent> results;
  {
    const std::lock_guard lock(sent_mutex_);
    results = sent_;
  }
  results.resize(batch_.size());
  const bool alone = results.size() == 1;
  std::deque<Entry> left;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool permanent = results[i].tried && results[i].failure == Failure::permanent;
    if (permanent && (alone || !is_of_its_batch(results[i].reason))) {
      report(batch_[i], results[i], false);
    } else {
      if (permanent) batch_limit_ = std::max<std::size_t>(1, results.size() / 2);
      left.push_back(std::move(batch_[i]));
    }
  }
  batch_ = std::move(left);
  if (batch_.size() <= batch_limit_) return;
  const std::lock_guard lock(mutex_);
  while (batch_.size() > batch_limit_) {
    queue_.push_front(std::move(batch_.back()));
    batch_.pop_back();
  }
}

void SingleWriterLane::give_up(const TransactionStep& step) {
  switch (step.state) {
    case TransactionState::done:
      return;
    case TransactionState::abort:
      return abort();
    case TransactionState::fenced:
      return be_fenced(step.message);
    case TransactionState::renew:
      prepared_ = false;
      break;
    case TransactionState::again:
      break;
  }
  enter(State::connecting, step.message);
  rest(50ms);
}

void SingleWriterLane::be_fenced(std::string_view why) {
  prepared_ = undecided_ = false;
  std::string reason = "another writer has taken over topic " + topic_ +
                       "; its events are undeliverable here until the plugin is started anew, which takes it back";
  enter(State::fenced, reason);
  const std::array fields{LogField{"messaging.destination.name", topic_}, LogField{"error.message", why}};
  log_.write(LogLevel::error, component, "another writer has taken over a topic of this single writer", fields);
  fail_everything(Failure::permanent, reason);
}

}  // namespace kafka_events
