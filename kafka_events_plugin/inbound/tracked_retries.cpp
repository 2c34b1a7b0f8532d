// Records of a TrackedFlow that are not handled at their first try: what cannot be decoded (yet), and what is published again.
#include <utility>

#include "inbound/tracked_flow.h"

namespace kafka_events {

void TrackedFlow::not_decoded(const Tracker& tracker, const InboundRecord& record, const Error& error) {
  FailedRecord failed;
  failed.record = std::make_unique<KeptRecord>(record);
  failed.stage = "decode";
  record.release(record.owner);
  tracker->begin(failed);
  // What follows in its partition, and was fetched already, has to wait behind it.
  if (error.code == ErrorCode::unavailable) {
    taken_over_.try_emplace(tracker->partition(), PartitionHandover{}, Failures::Clock::now());
  }
  not_decoded(std::move(failed), error);
}

void TrackedFlow::not_decoded(FailedRecord&& failed, const Error& error) {
  const auto now = Failures::Clock::now();
  if (error.code == ErrorCode::unavailable) return failures_.wait_for_schema(std::move(failed), error.message, now);
  decode_failures_.fetch_add(1, std::memory_order_relaxed);
  failed.stage = "decode";
  failed.reason = error.message;
  failed.undecided = 0;
  failures_.add(std::move(failed), Failures::Hope::none, now);
}

void TrackedFlow::publish_again(FailedRecord&& failed, std::uint32_t attempts) {
  const Tracker tracker = failed.tracker;
  const auto made = maker_->make(failed.record->view());
  if (!made) return not_decoded(std::move(failed), made.error());
  if (made.value().passed != Passed::no) {
    tracker->finish(failed.record->view().offset);
    return pass_over(failed.record->view(), made.value().passed);
  }
  const InboundRecord record = tracker->begin_again(std::move(failed), Purpose::handle, attempts);
  const std::int64_t offset = record.offset;
  if (at_most_once_) tracker->finish(offset);
  at_hand_.note(record.topic, record.partition, offset, made.value().draft.topic);
  Result<void> published;
  {
    const CauseScope scope(made.value().cause);
    published = bus_.publish(made.value().draft, tracker.get(), static_cast<std::uint64_t>(offset));
  }
  if (published.ok()) {
    if (attempts == 1) events_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (auto again = tracker->not_published(offset, published.error().message)) {
    failures_.add(std::move(*again), Failures::Hope::retry, Failures::Clock::now());
  }
}

}  // namespace kafka_events
