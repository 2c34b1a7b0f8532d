// The senders' side of the outbox; outbox_relay.cpp has its thread, outbox_delivery.cpp the reports.
#include "store/outbox.h"

#include <utility>

namespace kafka_events {
namespace {

/// More than any producer's queue holds.
constexpr std::uint64_t reserved_positions = std::uint64_t{1} << 32U;

}  // namespace

Outbox::Outbox(Mode mode, OutboxTarget target, EventBus& bus, Log& log)
    : mode_(mode), target_(std::move(target)), bus_(bus), log_(log) {}

Outbox::~Outbox() {
  stop_relaying();
  (void)finish();
}

void Outbox::start(OutboxStore& store, DeliveryListener& listener, const OutboxHandover* from) {
  listener_ = &listener;
  recovering_ = false;
  sent_entries_ = 0;
  sent_bytes_ = 0;
  cursor_ = store.positions(Stream::at_least_once).first;
  away_since_ = Clock::time_point::max();
  relay_topics_.clear();
  {
    const std::lock_guard lock(mutex_);
    store_ = &store;
    reserved_ = reserved_next_ = reserved_end_ = resume_at_ = 0;
    direct_ = store.entries(Stream::at_least_once) == 0;
    if (from != nullptr) go_on(*from);
  }
  begin_relaying();
}

void Outbox::begin_relaying() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void Outbox::stop_relaying() {
  stopping_ = true;
  wake_relay();
  if (thread_.joinable()) thread_.join();
}

std::uint64_t Outbox::finish() {
  tell_kept();
  std::uint64_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (store_ != nullptr) waiting = store_->entries(Stream::at_least_once);
    store_ = nullptr;
    direct_ = false;
  }
  return waiting;
}

/// Publishers that wait for Kafka learn that their events are safe, and wait no longer.
void Outbox::tell_kept() {
  std::vector<EventHandle> events;
  {
    const std::lock_guard lock(mutex_);
    events = live_.take_all();
  }
  for (const EventHandle event : events) bus_.complete(event, Outcome::done, kept_in_outbox);
}

Result<TopicId> Outbox::open_topic(std::string_view name) {
  const Result<TopicId> id = target_.sink.open_topic(name);
  if (!id.ok()) return id;
  const std::lock_guard lock(mutex_);
  topic_names_.try_emplace(static_cast<std::uint32_t>(id.value()), name);
  return id;
}

SendStatus Outbox::send(const OutboundRecord& record) noexcept {
  if (counted_bytes(record) > target_.max_record_bytes) return SendStatus::too_large;
  try {
    Direct direct = Direct::not_tried;
    if (mode_ == Mode::when_needed) {
      const SendStatus status = send_directly(record, direct);
      if (status != SendStatus::full) return status;
    }
    return keep(record, direct);
  } catch (const std::exception&) {
    return SendStatus::full;  // out of memory: nothing was taken
  }
}

/// `full`: it did not go this way, either because the way is closed or because the queue is full.
SendStatus Outbox::send_directly(const OutboundRecord& record, Direct& direct) {
  const auto pass = gate_.enter();
  if (!direct_.load()) return SendStatus::full;
  // Without a broker it would only wait in memory, and its publisher with it.
  const SendStatus status = target_.connected() ? target_.sink.send(record) : SendStatus::full;
  if (status == SendStatus::full) direct = Direct::full;
  return status;
}

SendStatus Outbox::keep(const OutboundRecord& record, Direct direct) {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (mode_ == Mode::always) return append(record);
      if (direct_ && direct == Direct::full) leave_direct();
      if (!direct_) return append(record);
    }
    // The relay has caught up just now.
    const SendStatus status = send_directly(record, direct);
    if (status != SendStatus::full) return status;
  }
}

/// With the mutex. What is in flight now was sent before everything that will wait, so its positions come first.
void Outbox::leave_direct() {
  direct_ = false;
  if (store_ == nullptr) return;
  if (mode_ == Mode::always) return leave_direct_at(store_->positions(Stream::at_least_once).end);
  reserved_ = reserved_next_ = store_->reserve(Stream::at_least_once, reserved_positions);
  reserved_end_ = reserved_ + reserved_positions;
}

/// With the mutex. The entry at `position` is the first that the producer does not have.
void Outbox::leave_direct_at(std::uint64_t position) {
  direct_ = false;
  resume_at_ = position;
}

/// With the mutex.
SendStatus Outbox::append(const OutboundRecord& record) {
  if (store_ == nullptr) return SendStatus::refused;
  const auto name = topic_names_.find(static_cast<std::uint32_t>(record.topic));
  if (name == topic_names_.end()) return SendStatus::refused;
  const Result<std::uint64_t> position = store_->append(Stream::at_least_once, to_entry(record, name->second));
  if (!position.ok()) {
    trouble_ = position.error().message;
    return position.error().code == ErrorCode::busy ? SendStatus::full : SendStatus::refused;
  }
  if (direct_ && target_.connected()) return send_through(record, position.value());
  if (direct_) leave_direct_at(position.value());
  return wait_on_disk(record, position.value());
}

/// With the mutex. `always`, and nothing waits: the producer gets it at once, from memory.
SendStatus Outbox::send_through(const OutboundRecord& record, std::uint64_t position) {
  const std::uint64_t bytes = record.value.size() + record.key.size();
  const bool live = record.event != nullptr && live_.has_room(bytes);
  OutboundRecord entry = record;
  entry.event = nullptr;
  entry.number = position;
  entry.value_in_event = false;  // the event may be completed, and gone, before its report: see tell_kept()
  SendStatus status = SendStatus::full;
  if (const auto pass = gate_.enter(); !recovering_) {
    sent_entries_.fetch_add(1);
    sent_bytes_.fetch_add(static_cast<std::int64_t>(record.value.size()));
    status = target_.sink.send(entry);
    if (status != SendStatus::accepted) {
      sent_entries_.fetch_sub(1);
      sent_bytes_.fetch_sub(static_cast<std::int64_t>(record.value.size()));
    }
  }
  switch (status) {
    case SendStatus::accepted:
      if (!live) return SendStatus::kept;
      live_.add(position, record.event, bytes);
      return SendStatus::accepted;
    case SendStatus::full:
    case SendStatus::kept:
      leave_direct_at(position);
      return wait_on_disk(record, position);
    case SendStatus::too_large:
    case SendStatus::refused:
      break;
  }
  const PositionRange range{position, position + 1};
  (void)store_->erase(Stream::at_least_once, {&range, 1});
  trouble_.clear();
  return status;
}

/// With the mutex.
SendStatus Outbox::wait_on_disk(const OutboundRecord& record, std::uint64_t position) {
  appended_.fetch_add(1);
  if (relay_rests_.load()) wake_relay();
  const std::uint64_t bytes = record.value.size() + record.key.size();
  if (record.event == nullptr || !target_.connected() || !live_.has_room(bytes)) return SendStatus::kept;
  live_.add(position, record.event, bytes);
  return SendStatus::accepted;
}

void Outbox::wake_relay() {
  const std::lock_guard lock(wake_mutex_);
  wake_.notify_all();
}

std::string Outbox::explain(SendStatus status, const OutboundRecord& record) const {
  {
    const std::lock_guard lock(mutex_);
    if (!direct_ && !trouble_.empty() && (status == SendStatus::refused || status == SendStatus::full)) return trouble_;
  }
  return target_.sink.explain(status, record);
}

Outbox::Status Outbox::status() const {
  Status status;
  status.direct = direct_.load();
  {
    const std::lock_guard lock(mutex_);
    if (store_ != nullptr) status.waiting = store_->entries(Stream::at_least_once);
  }
  status.taken_back = taken_back_.load(std::memory_order_relaxed);
  status.relayed = relayed_.load(std::memory_order_relaxed);
  return status;
}

}  // namespace kafka_events
