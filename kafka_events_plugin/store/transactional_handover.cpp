// How the exactly_once outbox gives its store and its position up to another version of this module, or goes on with that
// one's.
#include "store/transactional_outbox.h"

namespace kafka_events {
namespace {

constexpr auto stream = Stream::exactly_once;

constexpr std::string_view committed_name = "committed";
constexpr std::string_view aborted_name = "aborted";
constexpr std::string_view published_name = "published";

}  // namespace

Result<void> TransactionalOutbox::pause(Clock::time_point deadline) {
  if (!thread_.joinable()) return Error(ErrorCode::state, "the outbox is not running");
  if (!relay_.ask(deadline, [this] { wake(); })) {
    return Error(ErrorCode::timeout, "a transaction of the outbox has not ended yet; try again when Kafka answers");
  }
  thread_.join();
  return {};
}

void TransactionalOutbox::resume() { begin_relaying(); }

OutboxHandover TransactionalOutbox::suspend() {
  stopping_ = true;
  ready_ = false;
  tell_kept();
  OutboxHandover handover;
  if (positioned_) handover.position = cursor_;
  for (const std::uint64_t position : left_out_) handover.in_flight.emplace_back(position, position + 1);
  handover.fenced = fenced_;
  handover.counters = {{std::string(committed_name), {}, committed_.load()},
                       {std::string(aborted_name), {}, aborted_.load()},
                       {std::string(published_name), {}, published_.load()}};
  const std::lock_guard lock(mutex_);
  store_ = nullptr;
  return handover;
}

/// Nobody sends, and there is no thread yet.
void TransactionalOutbox::go_on(const OutboxHandover& from) {
  for (const CounterHandover& counter : from.counters) {
    if (counter.name == committed_name) committed_ = counter.value;
    if (counter.name == aborted_name) aborted_ = counter.value;
    if (counter.name == published_name) published_ = counter.value;
  }
  fenced_ = from.fenced;
  if (fenced_) set_trouble("another instance publishes this outbox's events");
  for (const auto& [first, end] : from.in_flight) {
    for (std::uint64_t position = first; position < end; ++position) left_out_.insert(position);
  }
  if (from.position == 0 || from.position > store_->positions(stream).end) return;
  // Published and reported: the disk may not have taken the erasure before the other version closed it.
  erase(0, from.position);
  cursor_ = reported_ = from.position;
  positioned_ = true;
  ready_ = !fenced_;
  if (!fenced_) set_trouble({});
}

}  // namespace kafka_events
