// The way in, in the order in which a record takes it: record, event, completion, watermark.
#include "inbound/pipeline.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "codec/codec.h"
#include "inbound/event_maker.h"
#include "inbound/failures.h"
#include "inbound/offset_tracker.h"

namespace kafka_events {
namespace {

/// Values above this are copied into the event and kept here too: the bus may refuse them for their size, and a refused
/// event takes the record with it.
constexpr std::size_t max_handed_over_bytes = 1U << 20;
/// Offsets that may wait behind one unfinished record, in multiples of max_in_flight, before its partition rests.
constexpr std::size_t spread_factor = 16;
constexpr std::chrono::milliseconds drain_step{10};

std::unique_ptr<Codec> codec_of(config::CodecKind kind) {
  return kind == config::CodecKind::envelope ? make_envelope_codec() : make_raw_codec();
}

}  // namespace

class InboundPipeline::Body {
 public:
  Body(const config::WorkerSettings& settings, std::string_view prefix, EventBus& bus, DeadLetterSink* dead_letters,
       Log& log)
      : settings_(settings),
        bus_(bus),
        maker_(codec_of(settings.codec), settings.event_topic, prefix),
        failures_(settings_, prefix, bus, dead_letters, log),
        at_most_once_(settings.qos == config::Qos::at_most_once) {}

  void assign(std::span<const TopicPartition> partitions);
  std::vector<Watermark> revoke(std::span<const TopicPartition> partitions, Failures::Clock::time_point deadline);
  void lose(std::span<const TopicPartition> partitions);
  void take(const InboundRecord& record);
  std::vector<Watermark> watermarks();
  void turn(Failures::Clock::time_point now);
  bool wants_pause() noexcept;
  [[nodiscard]] std::vector<TopicPartition> paused() const;
  [[nodiscard]] std::uint64_t in_flight() const noexcept { return worker_->in_flight.load(std::memory_order_relaxed); }
  [[nodiscard]] InboundStatistics statistics() const;

 private:
  using Tracker = std::shared_ptr<OffsetTracker>;

  Tracker find(std::string_view topic, std::int32_t partition);
  void publish(const Tracker& tracker, const InboundRecord& record, const MadeEvent& made);
  void publish_again(FailedRecord&& failed, std::uint32_t attempts);
  void not_decoded(const Tracker& tracker, const InboundRecord& record, const Error& error);
  void drain(std::span<const Tracker> trackers, Failures::Clock::time_point deadline) const;

  const config::WorkerSettings settings_;
  EventBus& bus_;
  EventMaker maker_;
  Failures failures_;
  const bool at_most_once_;
  const std::shared_ptr<WorkerState> worker_ = std::make_shared<WorkerState>();

  // Consumer thread only.
  std::map<TopicPartition, Tracker> trackers_;
  Tracker last_;
  bool pressed_ = false;

  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> decode_failures_{0};
};

// ---- Assignment ----

void InboundPipeline::Body::assign(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& each : partitions) trackers_[each] = std::make_shared<OffsetTracker>(each, worker_);
  last_ = nullptr;
}

std::vector<Watermark> InboundPipeline::Body::revoke(std::span<const TopicPartition> partitions,
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
  lose(partitions);
  return final_ones;
}

void InboundPipeline::Body::lose(std::span<const TopicPartition> partitions) {
  last_ = nullptr;
  for (const TopicPartition& each : partitions) {
    const auto found = trackers_.find(each);
    if (found == trackers_.end()) continue;
    (void)found->second->close();
    failures_.forget(each);
    trackers_.erase(found);
  }
}

void InboundPipeline::Body::drain(std::span<const Tracker> trackers, Failures::Clock::time_point deadline) const {
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

InboundPipeline::Body::Tracker InboundPipeline::Body::find(std::string_view topic, std::int32_t partition) {
  if (last_ != nullptr && last_->partition().partition == partition && last_->partition().topic == topic) return last_;
  const auto found = trackers_.find({std::string(topic), partition});
  if (found != trackers_.end()) last_ = found->second;
  return found == trackers_.end() ? nullptr : found->second;
}

void InboundPipeline::Body::take(const InboundRecord& record) {
  const Tracker tracker = find(record.topic, record.partition);
  if (tracker == nullptr || !tracker->wants(record.offset)) return record.release(record.owner);
  records_.fetch_add(1, std::memory_order_relaxed);
  const auto made = maker_.make(record);
  if (!made) {
    not_decoded(tracker, record, made.error());
  } else {
    publish(tracker, record, made.value());
  }
}

void InboundPipeline::Body::publish(const Tracker& tracker, const InboundRecord& record, const MadeEvent& made) {
  const bool hand_over = made.payload_in_record && record.value.size() <= max_handed_over_bytes;
  EventDraft draft = made.draft;
  if (hand_over) {
    draft.payload_owner = record.owner;
    draft.payload_release = record.release;
  }
  const std::int64_t offset = record.offset;  // the record may be gone when publish() returns
  tracker->begin(record, hand_over ? OffsetTracker::Holder::event : OffsetTracker::Holder::tracker);
  if (at_most_once_) tracker->finish(offset);
  const auto published = bus_.publish(draft, tracker.get(), static_cast<std::uint64_t>(offset));
  if (published.ok()) {
    events_.fetch_add(1, std::memory_order_relaxed);
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

void InboundPipeline::Body::not_decoded(const Tracker& tracker, const InboundRecord& record, const Error& error) {
  decode_failures_.fetch_add(1, std::memory_order_relaxed);
  FailedRecord failed;
  failed.record = std::make_unique<KeptRecord>(record);
  failed.stage = "decode";
  failed.reason = error.message;
  record.release(record.owner);
  tracker->begin(failed);
  failures_.add(std::move(failed), Failures::Hope::none, Failures::Clock::now());
}

void InboundPipeline::Body::publish_again(FailedRecord&& failed, std::uint32_t attempts) {
  const Tracker tracker = failed.tracker;
  const InboundRecord record = tracker->begin_again(std::move(failed), Purpose::handle, attempts);
  const std::int64_t offset = record.offset;
  const auto made = maker_.make(record);
  const auto published = made.ok() ? bus_.publish(made.value().draft, tracker.get(), static_cast<std::uint64_t>(offset))
                                   : Result<void>(made.error());
  if (published.ok()) return;
  if (auto again = tracker->not_published(offset, published.error().message)) {
    failures_.add(std::move(*again), Failures::Hope::retry, Failures::Clock::now());
  }
}

// ---- Turns ----

void InboundPipeline::Body::turn(Failures::Clock::time_point now) {
  for (FailedRecord& failed : worker_->take_failed()) failures_.add(std::move(failed), Failures::Hope::retry, now);
  failures_.turn(now,
                 [this](FailedRecord&& failed, std::uint32_t attempts) { publish_again(std::move(failed), attempts); });
}

std::vector<Watermark> InboundPipeline::Body::watermarks() {
  std::vector<Watermark> moved;
  if (!worker_->moved.exchange(false, std::memory_order_acquire)) return moved;
  for (const auto& [partition, tracker] : trackers_) {
    if (const auto next = tracker->moved()) moved.push_back({partition, *next});
  }
  return moved;
}

bool InboundPipeline::Body::wants_pause() noexcept {
  // Half of the bound in between, so that partitions are not paused and resumed for every record.
  const std::uint64_t bound = pressed_ ? settings_.max_in_flight / 2 : settings_.max_in_flight - 1;
  pressed_ = in_flight() > bound;
  return pressed_;
}

std::vector<TopicPartition> InboundPipeline::Body::paused() const {
  std::vector<TopicPartition> paused;
  const std::size_t spread_limit = spread_factor * settings_.max_in_flight;
  for (const auto& [partition, tracker] : trackers_) {
    if (tracker->must_rest(spread_limit)) paused.push_back(partition);
  }
  return paused;
}

InboundStatistics InboundPipeline::Body::statistics() const {
  InboundStatistics statistics;
  failures_.add_to(statistics);
  statistics.records = records_.load(std::memory_order_relaxed);
  statistics.events = events_.load(std::memory_order_relaxed);
  statistics.decode_failures = decode_failures_.load(std::memory_order_relaxed);
  statistics.done = worker_->done.load(std::memory_order_relaxed);
  statistics.handler_failures = worker_->handler_failures.load(std::memory_order_relaxed);
  statistics.dead_lettered = worker_->dead_lettered.load(std::memory_order_relaxed);
  statistics.in_flight = in_flight();
  return statistics;
}

// ---- The outside ----

Result<std::unique_ptr<InboundPipeline>> InboundPipeline::create(const config::WorkerSettings& settings,
                                                                 std::string_view topic_prefix, EventBus& bus,
                                                                 DeadLetterSink* dead_letters, Log& log) {
  if (settings.qos == config::Qos::exactly_once) {
    return Error(ErrorCode::unsupported, "qos exactly_once is not available for inbound workers in this version");
  }
  if (settings.on_failure == config::OnFailure::dead_letter && dead_letters == nullptr) {
    return Error(ErrorCode::invalid, "on_failure is dead_letter, and there is no writer of dead letters");
  }
  if (settings.max_in_flight == 0) return Error(ErrorCode::invalid, "max_in_flight must be at least 1");
  return std::unique_ptr<InboundPipeline>(
      new InboundPipeline(std::make_unique<Body>(settings, topic_prefix, bus, dead_letters, log)));
}

InboundPipeline::InboundPipeline(std::unique_ptr<Body> body) : body_(std::move(body)) {}
InboundPipeline::~InboundPipeline() = default;

void InboundPipeline::on_assigned(std::span<const TopicPartition> partitions) { body_->assign(partitions); }
std::vector<Watermark> InboundPipeline::on_revoked(std::span<const TopicPartition> partitions,
                                                   std::chrono::steady_clock::time_point deadline) {
  return body_->revoke(partitions, deadline);
}
void InboundPipeline::on_lost(std::span<const TopicPartition> partitions) { body_->lose(partitions); }
void InboundPipeline::on_record(const InboundRecord& record) { body_->take(record); }
std::vector<Watermark> InboundPipeline::watermarks() { return body_->watermarks(); }
void InboundPipeline::on_turn(std::chrono::steady_clock::time_point now) { body_->turn(now); }
bool InboundPipeline::wants_pause() const noexcept { return body_->wants_pause(); }
std::vector<TopicPartition> InboundPipeline::paused_partitions() const { return body_->paused(); }
std::uint64_t InboundPipeline::in_flight() const noexcept { return body_->in_flight(); }
InboundStatistics InboundPipeline::statistics() const { return body_->statistics(); }

}  // namespace kafka_events
