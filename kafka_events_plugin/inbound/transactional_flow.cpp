// The way of a transaction. transactional_handling.cpp has what happens to each record, transactional_assignment.cpp what
// partitions and pressure do to it.
#include "inbound/transactional_flow.h"

#include <algorithm>
#include <set>
#include <utility>

#include "inbound/retry_rules.h"

namespace kafka_events {
namespace {

/// How long one step may keep the consumer from polling.
constexpr std::chrono::milliseconds step_limit{500};

}  // namespace

TransactionalFlow::TransactionalFlow(const FlowParts& parts, std::unique_ptr<EventMaker> maker, TransactionScope& scope)
    : settings_(parts.settings),
      prefix_(parts.topic_prefix),
      bus_(parts.bus),
      dead_letters_(parts.dead_letters),
      log_(parts.log),
      scope_(scope),
      maker_(std::move(maker)),
      slow_handlers_(settings_.slow_handler) {}

TransactionalFlow::~TransactionalFlow() = default;

void TransactionalFlow::attach(ConsumerControl* consumer) {
  consumer_ = consumer;
  // What is undecided now is decided by the next prepare(), and by the offsets that the group has then.
  scope_.close();
  scope_.aborted();
  end_batch();
  queue_.clear();
  while (!undecided_.empty()) decided(*undecided_.begin());
  trouble_.clear();
  troubles_ = 0;
  not_before_ = {};
  stage_ = Stage::preparing;
}

// ---- The way of a transaction ----

void TransactionalFlow::on_turn(Clock::time_point now) {
  // One transaction a turn, so that the consumer keeps polling.
  bool ended = false;
  while (!ended && step(now, Clock::now() + step_limit)) ended = stage_ == Stage::idle && batch_ == nullptr;
  if (slow_handlers_.due(now)) look_for_slow_handlers(now);
}

bool TransactionalFlow::step(Clock::time_point now, Clock::time_point deadline) {
  switch (stage_) {
    case Stage::preparing:
      return prepare(deadline);
    case Stage::idle:
      return begin(now);
    case Stage::handling:
      return handled();
    case Stage::committing:
      return commit(deadline);
    case Stage::aborting:
      return abort(deadline);
    case Stage::deciding:
      return decide(deadline);
    case Stage::failed:
      return false;
  }
  return false;
}

bool TransactionalFlow::prepare(Clock::time_point deadline) {
  const TransactionStep prepared = scope_.sink().prepare(deadline);
  if (!prepared.ok()) {
    if (prepared.state == TransactionState::fenced) (void)react(prepared);
    return false;
  }
  stage_ = Stage::idle;
  if (batch_ == nullptr) return true;
  if (!offsets_.empty()) {
    stage_ = Stage::deciding;
  } else {
    handle_again();
  }
  return true;
}

bool TransactionalFlow::begin(Clock::time_point now) {
  if (now < not_before_) return false;
  std::vector<TransactionItem> items = queue_.take(settings_.max_in_flight, max_batch_bytes, now);
  if (items.empty()) return false;
  if (const TransactionStep begun = scope_.sink().begin(); !begun.ok()) {
    queue_.put_back(std::move(items), nullptr);
    return react(begun);
  }
  batch_ = std::make_shared<TransactionBatch>(now);
  for (TransactionItem& item : items) batch_->add(std::move(item));
  {
    const std::lock_guard lock(mutex_);
    visible_batch_ = batch_;
  }
  stage_ = Stage::handling;
  scope_.open(batch_);
  for (std::uint64_t index = 0; index < batch_->size(); ++index) hand(index);
  return true;
}

bool TransactionalFlow::handled() {
  if (batch_->in_flight() > 0) return false;
  const bool failed = batch_->any_failed() || scope_.failed();
  const bool nothing_to_commit = batch_->ends().empty();  // all records were withdrawn
  scope_.close();
  stage_ = failed || nothing_to_commit ? Stage::aborting : Stage::committing;
  return true;
}

bool TransactionalFlow::commit(Clock::time_point deadline) {
  if (offsets_.empty()) {
    auto metadata = consumer_->group_metadata();
    if (!metadata) {
      trouble_ = metadata.error().message;
      stage_ = Stage::aborting;
      return true;
    }
    group_metadata_ = std::move(metadata).value();
    offsets_ = batch_->ends();
  }
  const TransactionStep committed = scope_.sink().commit(offsets_, group_metadata_, deadline);
  if (!committed.ok()) return react(committed);
  finish();
  return true;
}

bool TransactionalFlow::abort(Clock::time_point deadline) {
  const TransactionStep aborted = scope_.sink().abort(deadline);
  if (!aborted.ok()) return react(aborted);
  handle_again();
  return true;
}

bool TransactionalFlow::decide(Clock::time_point deadline) {
  std::set<TopicPartition> ours;
  for (std::uint64_t index = 0; index < batch_->size(); ++index) {
    const InboundRecord record = batch_->item(index).record->view();
    if (queue_.owns(batch_->item(index))) ours.insert({std::string(record.topic), record.partition});
  }
  if (ours.empty()) {
    handle_again();
    return true;
  }
  const auto known = consumer_->committed(std::vector(ours.begin(), ours.end()), deadline);
  if (!known) return false;
  // All of them were committed or none, and nobody else commits for partitions that are ours.
  const bool committed = std::ranges::any_of(known.value(), [&](const Watermark& each) {
    const auto wanted = std::ranges::find(offsets_, each.partition, &Watermark::partition);
    return wanted != offsets_.end() && each.next_offset >= wanted->next_offset;
  });
  committed ? finish() : handle_again();
  return true;
}

/// What a step that did not succeed leads to.
bool TransactionalFlow::react(const TransactionStep& step) {
  switch (step.state) {
    case TransactionState::done:
      return true;
    case TransactionState::again:
      return false;
    case TransactionState::abort:
      trouble_ = step.message;
      stage_ = Stage::aborting;
      return true;
    case TransactionState::renew:
      trouble_ = step.message;
      scope_.close();
      stage_ = Stage::preparing;
      return true;
    case TransactionState::fenced:
      abandon();
      stage_ = Stage::failed;
      consumer_->give_up("another process took over its transactional id " + settings_.transactional_id + ": " +
                         step.message);
      return false;
  }
  return false;
}

/// The transaction is given up although handlers may still run; what they publish is refused.
void TransactionalFlow::abandon() {
  scope_.close();
  if (batch_ != nullptr && trouble_.empty()) trouble_ = "its partitions went away";
  stage_ = Stage::aborting;
}

void TransactionalFlow::end_batch() {
  batch_ = nullptr;
  offsets_.clear();
  group_metadata_.clear();
  const std::lock_guard lock(mutex_);
  visible_batch_ = nullptr;
}

std::unique_ptr<InboundFlow> make_transactional_flow(const FlowParts& parts, std::unique_ptr<EventMaker> maker,
                                                     TransactionScope& scope) {
  return std::make_unique<TransactionalFlow>(parts, std::move(maker), scope);
}

}  // namespace kafka_events
