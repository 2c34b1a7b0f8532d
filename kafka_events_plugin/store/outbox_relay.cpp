// The relay thread: entries from the store to the producer, in order of their positions.
#include <algorithm>
#include <array>
#include <pthread.h>

#include "store/outbox.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t entries_at_once = 1000;
constexpr std::uint64_t entries_worth_a_turn = 200;
constexpr auto gathering_time = 1ms;
constexpr std::size_t bytes_at_once = 1U << 20U;
/// Given to the producer and without a report: enough to keep it busy, little enough to be read again after a failure.
constexpr std::int64_t max_sent_entries = 50'000;
constexpr std::int64_t max_sent_bytes = 32U << 20U;
constexpr auto away_before_store = 1000ms;
constexpr auto away_before_renewal = 10s;
constexpr std::int64_t unremarkable_age_ms = 1000;
constexpr std::string_view component = "outbox";

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void Outbox::run() {
  pthread_setname_np(pthread_self(), "kfk-outbox");
  while (!stopping_) {
    try {
      turn();
    } catch (const std::exception&) {
      rest(100ms);  // out of memory
    }
  }
}

void Outbox::turn() {
  watch_connection();
  if (recovering_) return begin_anew();
  if (!target_.connected()) return rest(100ms);
  if (sent_entries_ >= max_sent_entries || sent_bytes_ >= max_sent_bytes) return rest(2ms);
  const std::uint64_t seen = appended_.load();
  if (direct_) return rest_until_appended(seen);
  // Sizes of entries that another version has sent may not be exact.
  if (sent_entries_ == 0) sent_bytes_ = 0;
  find_cursor();
  const std::uint64_t before = cursor_;
  if (relay_some()) {
    // Few: let some gather, rather than being woken by each.
    if (cursor_ - before < entries_worth_a_turn) rest(gathering_time);
    return;
  }
  try_direct();
  rest_until_appended(seen);
}

bool Outbox::relay_some() {
  const Result<std::uint64_t> end =
      store_->read(Stream::at_least_once, cursor_, entries_at_once, bytes_at_once,
                   [this](std::uint64_t position, const StoredEntry& entry) { return relay(position, entry); });
  if (!end.ok()) {
    const std::array fields{LogField{"error.message", end.error().message}};
    log_.write(LogLevel::error, component, "the outbox can't be read; its events wait", fields);
    rest(1s);
    return true;
  }
  const bool some = end.value() != cursor_;
  cursor_ = end.value();
  return some;
}

/// False: not now.
bool Outbox::relay(std::uint64_t position, const StoredEntry& entry) {
  if (stopping_ || recovering_) return false;
  const Result<TopicId> topic = relay_topic(entry.kafka_topic);
  if (!topic.ok()) {
    if (topic.error().code != ErrorCode::invalid) {
      rest(100ms);
      return false;
    }
    give_up(position, entry, topic.error().message);
    return true;
  }
  OutboundRecord record = to_record(entry, position, topic.value());
  // A record of this moment need not say so, which is the faster way.
  if (wall_clock_ms() - record.timestamp_ms < unremarkable_age_ms) record.timestamp_ms = 0;
  const auto bytes = static_cast<std::int64_t>(record.value.size());
  const auto pass = gate_.enter();
  if (recovering_) return false;
  sent_entries_.fetch_add(1);
  sent_bytes_.fetch_add(bytes);
  const SendStatus status = target_.sink.send(record);
  if (status == SendStatus::accepted) return true;
  sent_entries_.fetch_sub(1);
  sent_bytes_.fetch_sub(bytes);
  if (status == SendStatus::full) {
    rest(5ms);
    return false;
  }
  give_up(position, entry, target_.sink.explain(status, record));
  return true;
}

/// Kafka will never take it: its publisher is told, and it is erased.
void Outbox::give_up(std::uint64_t position, const StoredEntry& entry, std::string_view reason) {
  const Event source = to_event(entry);
  DeliveryReport report;
  report.number = position;
  report.source = &source;
  report.topic = entry.kafka_topic;
  report.partition = entry.partition;
  report.failure = Failure::permanent;
  report.reason = reason;
  report.value_bytes = entry.value.size();
  {
    const std::lock_guard lock(mutex_);
    report.event = live_.take(position);
  }
  listener_->on_deliveries({&report, 1});
  const PositionRange range{position, position + 1};
  (void)store_->erase(Stream::at_least_once, {&range, 1});
}

void Outbox::begin_anew() {
  if (sent_entries_ > 0 || target_.in_flight() > 0) return rest(5ms);
  const std::lock_guard lock(mutex_);
  cursor_ = store_->positions(Stream::at_least_once).first;
  resume_at_ = 0;
  recovering_ = false;
}

/// The direct way was left at an entry of which the relay does not know.
void Outbox::find_cursor() {
  const std::lock_guard lock(mutex_);
  if (resume_at_ != 0) cursor_ = resume_at_;
  resume_at_ = 0;
}

/// While the broker is away nothing new stays in memory only; what is there follows when that lasts.
void Outbox::watch_connection() {
  if (target_.connected()) {
    away_since_ = Clock::time_point::max();
    renewed_ = false;
    return;
  }
  const auto now = Clock::now();
  away_since_ = std::min(away_since_, now);
  if (now - away_since_ >= away_before_store) {
    {
      const std::lock_guard lock(mutex_);
      if (direct_) leave_direct();
    }
    tell_kept();
  }
  if (mode_ == Mode::always) return;  // everything is on disk
  if (!direct_ && !renewed_ && now - away_since_ >= away_before_renewal && target_.in_flight() > 0) {
    renewed_ = true;
    target_.renew();
  }
}

/// Nothing waits to be sent: new records need not go through the store.
void Outbox::try_direct() {
  const std::lock_guard lock(mutex_);
  if (recovering_) return;
  const auto any =
      store_->read(Stream::at_least_once, cursor_, 1, 1, [](std::uint64_t, const StoredEntry&) { return true; });
  if (any.ok() && any.value() == cursor_ && resume_at_ == 0) direct_ = true;
}

void Outbox::rest(std::chrono::milliseconds time) {
  std::unique_lock lock(wake_mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_.load(); });
}

void Outbox::rest_until_appended(std::uint64_t seen) {
  std::unique_lock lock(wake_mutex_);
  relay_rests_ = true;
  wake_.wait_for(lock, 100ms, [&] { return stopping_.load() || appended_.load() != seen; });
  relay_rests_ = false;
}

Result<TopicId> Outbox::relay_topic(std::string_view name) {
  std::string key(name);
  if (const auto known = relay_topics_.find(key); known != relay_topics_.end()) return known->second;
  const Result<TopicId> opened = target_.sink.open_topic(name);
  if (opened.ok()) relay_topics_.emplace(std::move(key), opened.value());
  return opened;
}

}  // namespace kafka_events
