// How the outbox gives its store and what is in flight up to another version of this module, or goes on with that one's.
#include <algorithm>
#include <thread>

#include "store/outbox.h"

namespace kafka_events {
namespace {

constexpr auto stream = Stream::at_least_once;
constexpr std::chrono::milliseconds look_again{1};

constexpr std::string_view taken_back_name = "taken_back";
constexpr std::string_view relayed_name = "relayed";

std::uint64_t not_negative(std::int64_t number) noexcept { return number > 0 ? static_cast<std::uint64_t>(number) : 0; }

}  // namespace

Result<void> Outbox::pause(Clock::time_point deadline) {
  while (true) {
    while (recovering_ && Clock::now() < deadline) std::this_thread::sleep_for(look_again);
    stop_relaying();
    if (!recovering_) return {};
    resume();
    if (Clock::now() < deadline) continue;
    return Error(ErrorCode::timeout, "the outbox takes records back that Kafka did not acknowledge; try again later");
  }
}

void Outbox::resume() { begin_relaying(); }

Result<OutboxHandover> Outbox::suspend(bool producer_goes_on) {
  if (producer_goes_on && recovering_) {
    return Error(ErrorCode::busy, "records came back from the producer just now; try again");
  }
  tell_kept();
  const std::lock_guard lock(mutex_);
  OutboxHandover handover;
  if (producer_goes_on && store_ != nullptr) note_in_flight(handover);
  handover.counters = {{std::string(taken_back_name), {}, taken_back_.load()},
                       {std::string(relayed_name), {}, relayed_.load()}};
  store_ = nullptr;
  direct_ = false;
  return handover;
}

/// With the mutex.
void Outbox::note_in_flight(OutboxHandover& handover) const {
  handover.position = direct_ ? store_->positions(stream).end : resume_at_ != 0 ? resume_at_ : cursor_;
  for (const PositionRange range : store_->held(stream, {0, handover.position})) {
    handover.in_flight.emplace_back(range.first, range.end);
  }
  handover.kept_free = {reserved_, reserved_end_};
  handover.next_free = reserved_next_;
  handover.unreported = not_negative(sent_entries_);
  handover.unreported_bytes = not_negative(sent_bytes_);
}

/// With the mutex, before anybody sends.
void Outbox::go_on(const OutboxHandover& from) {
  for (const CounterHandover& counter : from.counters) {
    if (counter.name == taken_back_name) taken_back_ = counter.value;
    if (counter.name == relayed_name) relayed_ = counter.value;
  }
  // Else the producer has nothing of this directory's: all that is there waits.
  if (from.position == 0 || from.position > store_->positions(stream).end) return;
  const PositionRange left{from.next_free, from.kept_free.second};
  if (left.first < left.end && store_->reserve_again(stream, left)) {
    reserved_ = from.kept_free.first;
    reserved_next_ = left.first;
    reserved_end_ = left.end;
  }
  erase_reported(from);
  cursor_ = from.position;
  std::uint64_t sent = 0;
  for (const PositionRange range : store_->held(stream, {0, cursor_})) sent += range.end - range.first;
  direct_ = store_->entries(stream) == sent;
  sent = std::min(sent, from.unreported);
  sent_entries_ = static_cast<std::int64_t>(sent);
  sent_bytes_ = sent == 0 ? 0 : static_cast<std::int64_t>(from.unreported_bytes / from.unreported * sent);
}

/// Entries whose erasure the disk did not take before the other version closed it.
void Outbox::erase_reported(const OutboxHandover& from) {
  std::vector<PositionRange> reported;
  const auto add = [&](std::uint64_t first, std::uint64_t end) {
    // Entry by entry: a position that is kept free stays so.
    for (const PositionRange range : store_->held(stream, {first, end})) reported.push_back(range);
  };
  std::uint64_t first = 0;
  for (const auto& [begin, end] : from.in_flight) {
    if (first < begin) add(first, begin);
    first = end;
  }
  if (first < from.position) add(first, from.position);
  if (!reported.empty()) (void)store_->erase(stream, reported);
}

}  // namespace kafka_events
