// Ranges and retries of another version, looked up as their records come.
#include "inbound/taken_over.h"

#include <algorithm>

namespace kafka_events {
namespace {

/// A damaged number waits no longer than this.
constexpr std::int64_t longest_wait_ms = 3'600'000;

}  // namespace

TakenOver::TakenOver(const PartitionHandover& from, Clock::time_point now) : done_(from.done.begin(), from.done.end()) {
  for (const RetryHandover& each : from.retries) {
    const auto wait = std::chrono::milliseconds(std::clamp<std::int64_t>(each.due_in_ms, 0, longest_wait_ms));
    retries_.push_back({each, now + wait});
  }
}

TakenOver::~TakenOver() {
  for (const Kept& each : kept_) each.record.release(each.record.owner);
}

bool TakenOver::is_done(std::int64_t offset) {
  while (!done_.empty() && done_.front().second <= offset) done_.pop_front();
  return !done_.empty() && done_.front().first <= offset;
}

std::optional<TakenOver::Retry> TakenOver::take_retry(std::int64_t offset) {
  // A record that was deleted meanwhile does not come.
  while (!retries_.empty() && retries_.front().retry.offset < offset) retries_.pop_front();
  if (retries_.empty() || retries_.front().retry.offset != offset) return std::nullopt;
  std::optional<Retry> retry(std::move(retries_.front()));
  retries_.pop_front();
  return retry;
}

void TakenOver::keep(const InboundRecord& record) {
  if (!kept_.empty() && record.offset <= kept_.back().record.offset) return record.release(record.owner);
  Kept& kept = kept_.emplace_back();
  kept.record = record;
  kept.headers.assign(record.headers.begin(), record.headers.end());
}

InboundRecord TakenOver::take_first(std::vector<Header>& headers) {
  headers = std::move(kept_.front().headers);
  InboundRecord record = kept_.front().record;
  record.headers = headers;
  kept_.pop_front();
  return record;
}

void TakenOver::hand_over(PartitionHandover& to, Clock::time_point now) const {
  to.done.insert(to.done.end(), done_.begin(), done_.end());
  for (const Retry& each : retries_) {
    RetryHandover& retry = to.retries.emplace_back(each.retry);
    retry.due_in_ms = std::chrono::duration_cast<std::chrono::milliseconds>(each.due - now).count();
  }
}

}  // namespace kafka_events
