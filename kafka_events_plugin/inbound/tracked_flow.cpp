// at_most_once and at_least_once, in the order in which a record goes: record, event, completion, watermark.
#include "inbound/tracked_flow.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace kafka_events {
namespace {

/// Values above this are copied into the event and kept here too: the bus may refuse them for their size, and a refused
/// event takes the record with it.
constexpr std::size_t max_handed_over_bytes = 1U << 20;
/// Offsets that may wait behind one unfinished record, in multiples of max_in_flight, before its partition rests.
constexpr std::size_t spread_factor = 16;
constexpr std::chrono::milliseconds drain_step{10};

/// Of a counter that only the consumer thread changes.
void add_one(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

TrackedFlow::TrackedFlow(const FlowParts& parts, std::unique_ptr<EventMaker> maker)
    : settings_(parts.settings),
      bus_(parts.bus),
      maker_(std::move(maker)),
      failures_(settings_, parts.topic_prefix, parts.bus, parts.dead_letters, parts.log),
      log_(parts.log),
      slow_handlers_(settings_.slow_handler),
      at_most_once_(settings_.qos == config::Qos::at_most_once) {}

/// Failed records that nobody takes any more hold their trackers, and those what holds them.
TrackedFlow::~TrackedFlow() {
  for (const auto& [partition, tracker] : trackers_) (void)tracker->close();
  (void)worker_->take_failed();
}

// ---- Assignment ----

void TrackedFlow::on_assigned(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& each : partitions) trackers_[each] = std::make_shared<OffsetTracker>(each, worker_);
  last_ = nullptr;
}

std::vector<Watermark> TrackedFlow::on_revoked(std::span<const TopicPartition> partitions,
                                               Failures::Clock::time_point deadline) {
  std::vector<Tracker> going;
  for (const TopicPartition& each : partitions) {
    const auto found = trackers_.find(each);
    if (found != trackers_.end()) going.push_back(found->second);
  }
  drain(going, deadline);
  std::vector<Watermark> final_ones;
  for (const Tracker& tracker : going) {
    if (const auto next = tracker->close()) final_ones.push_back({tracker->partition(), *next});
  }
  on_lost(partitions);
  return final_ones;
}

void TrackedFlow::on_lost(std::span<const TopicPartition> partitions) {
  last_ = nullptr;
  for (const TopicPartition& each : partitions) {
    const auto found = trackers_.find(each);
    if (found == trackers_.end()) continue;
    (void)found->second->close();
    failures_.forget(each);
    trackers_.erase(found);
    taken_over_.erase(each);
  }
}

void TrackedFlow::drain(std::span<const Tracker> trackers, Failures::Clock::time_point deadline) const {
  const auto is_busy = [](const Tracker& tracker) { return tracker->in_flight() > 0; };
  while (std::ranges::any_of(trackers, is_busy)) {
    const auto now = Failures::Clock::now();
    if (now >= deadline) return;
    // Completions don't take this mutex, so that they need not wait for us: a missed one is seen at the next step.
    std::unique_lock lock(worker_->mutex);
    worker_->idle.wait_until(lock, std::min(deadline, now + drain_step));
  }
}

// ---- Records ----

/// Valid until the assignment changes, which never happens while a record is handled.
const TrackedFlow::Tracker& TrackedFlow::find(std::string_view topic, std::int32_t partition) {
  if (last_ != nullptr && last_->partition().partition == partition && last_->partition().topic == topic) return last_;
  const auto found = trackers_.find({std::string(topic), partition});
  last_ = found == trackers_.end() ? nullptr : found->second;
  return last_;
}

void TrackedFlow::on_record(const InboundRecord& record) {
  const Tracker& tracker = find(record.topic, record.partition);
  if (tracker == nullptr || !tracker->wants(record.offset)) return record.release(record.owner);
  if (!taken_over_.empty() && is_taken_over(tracker, record)) return;
  handle(tracker, record);
}

void TrackedFlow::handle(const Tracker& tracker, const InboundRecord& record) {
  add_one(records_);
  const auto made = maker_->make(record);
  if (!made) return not_decoded(tracker, record, made.error());
  if (made.value().passed == Passed::no) return publish(tracker, record, made.value());
  tracker->pass(record.offset);
  pass_over(record, made.value().passed);
  record.release(record.owner);
}

void TrackedFlow::pass_over(const InboundRecord& record, Passed passed) {
  if (passed == Passed::own) {
    own_.fetch_add(1, std::memory_order_relaxed);
  } else {
    failures_.end_loop(record_id(record.topic, record.partition, record.offset));
  }
}

void TrackedFlow::publish(const Tracker& tracker, const InboundRecord& record, const MadeEvent& made) {
  const bool hand_over = made.payload_in_record && record.value.size() <= max_handed_over_bytes;
  EventDraft draft = made.draft;
  if (hand_over) {
    draft.payload_owner = record.owner;
    draft.payload_release = record.release;
  }
  const std::int64_t offset = record.offset;  // the record may be gone when publish() returns
  tracker->begin(record, hand_over ? OffsetTracker::Holder::event : OffsetTracker::Holder::tracker);
  if (at_most_once_) tracker->finish(offset);
  at_hand_.note(record.topic, record.partition, offset, draft.topic);
  Result<void> published;
  {
    const CauseScope scope(made.cause);
    published = bus_.publish(draft, tracker.get(), static_cast<std::uint64_t>(offset));
  }
  if (published.ok()) {
    add_one(events_);
    return;
  }
  if (auto failed = tracker->not_published(offset, published.error().message)) {
    const bool permanent =
        published.error().code == ErrorCode::too_large || published.error().code == ErrorCode::invalid;
    failures_.add(std::move(*failed), permanent ? Failures::Hope::none : Failures::Hope::retry, Failures::Clock::now());
  } else if (!at_most_once_) {
    failures_.stop(*tracker, record_id(tracker->partition().topic, tracker->partition().partition, offset),
                   published.error().message);
  }
}

// ---- Turns ----

void TrackedFlow::on_turn(Failures::Clock::time_point now) {
  for (FailedRecord& failed : worker_->take_failed()) failures_.add(std::move(failed), Failures::Hope::retry, now);
  if (quiesced_) return;
  if (!taken_over_.empty()) handle_kept();
  failures_.turn(now,
                 [this](FailedRecord&& failed, std::uint32_t attempts) { publish_again(std::move(failed), attempts); });
  if (slow_handlers_.due(now)) look_for_slow_handlers(now);
}

void TrackedFlow::look_for_slow_handlers(Failures::Clock::time_point now) {
  std::vector<InFlightRecord> oldest;
  for (const auto& [partition, tracker] : trackers_) {
    if (const auto found = tracker->oldest_with_handlers())
      oldest.push_back({partition, found->offset, found->attempt});
  }
  const auto slow = slow_handlers_.look(oldest, now);
  if (!slow) return;
  std::string event_topic;
  trackers_.at(slow->partition)->look_at(slow->offset, [&](const InboundRecord& found) {
    if (const auto made = maker_->make(found)) event_topic = made.value().draft.topic;
  });
  report_slow_handler(log_, settings_.name, *slow, event_topic);
}

std::vector<Watermark> TrackedFlow::watermarks() {
  std::vector<Watermark> moved;
  if (!worker_->moved.exchange(false, std::memory_order_acquire)) return moved;
  for (const auto& [partition, tracker] : trackers_) {
    if (const auto next = tracker->moved()) moved.push_back({partition, *next});
  }
  return moved;
}

bool TrackedFlow::wants_pause() const noexcept {
  // Half of the bounds in between, so that partitions are not paused and resumed for every record.
  const std::uint64_t records = pressed_ ? settings_.max_in_flight / 2 : settings_.max_in_flight - 1;
  const std::uint64_t bytes = pressed_ ? max_held_bytes / 2 : max_held_bytes - 1;
  pressed_ = in_flight() > records || worker_->held_bytes.load(std::memory_order_relaxed) > bytes;
  return pressed_;
}

std::vector<TopicPartition> TrackedFlow::paused_partitions() const {
  std::vector<TopicPartition> paused;
  const std::size_t spread_limit = spread_factor * settings_.max_in_flight;
  for (const auto& [partition, tracker] : trackers_) {
    const auto open = taken_over_.find(partition);
    const bool keeps = open != taken_over_.end() && open->second.keeps_any();
    if (keeps || tracker->must_rest(spread_limit)) paused.push_back(partition);
  }
  return paused;
}

InboundStatistics TrackedFlow::statistics() const {
  InboundStatistics statistics;
  failures_.add_to(statistics);
  statistics.records = records_.load(std::memory_order_relaxed);
  statistics.events = events_.load(std::memory_order_relaxed);
  statistics.decode_failures = decode_failures_.load(std::memory_order_relaxed);
  statistics.own = own_.load(std::memory_order_relaxed);
  statistics.done = worker_->done.load(std::memory_order_relaxed);
  statistics.handler_failures = worker_->handler_failures.load(std::memory_order_relaxed);
  statistics.dead_lettered = worker_->dead_lettered.load(std::memory_order_relaxed);
  statistics.in_flight = in_flight();
  statistics.oldest = slow_handlers_.oldest(Failures::Clock::now());
  return statistics;
}

std::unique_ptr<InboundFlow> make_tracked_flow(const FlowParts& parts, std::unique_ptr<EventMaker> maker) {
  return std::make_unique<TrackedFlow>(parts, std::move(maker));
}

}  // namespace kafka_events
