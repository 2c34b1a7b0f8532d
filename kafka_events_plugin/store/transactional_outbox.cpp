// The senders' side, start and stop; transactional_relay.cpp has the thread.
#include "store/transactional_outbox.h"

#include <utility>

namespace kafka_events {

TransactionalOutbox::TransactionalOutbox(Options options, EventBus& bus, Log& log)
    : options_(options), bus_(bus), log_(log) {}

TransactionalOutbox::~TransactionalOutbox() { (void)stop(Clock::now()); }

void TransactionalOutbox::start(const Ends& ends, DeliveryListener& listener, const OutboxHandover* from) {
  listener_ = &listener;
  kafka_ = &ends.kafka;
  group_ = ends.group;
  {
    const std::lock_guard lock(mutex_);
    store_ = &ends.store;
  }
  stop_by_ = Clock::time_point::max();
  fenced_ = false;
  ready_ = false;
  prepared_ = false;
  positioned_ = false;
  left_out_.clear();
  kafka_topics_.clear();
  set_trouble("waits for Kafka");
  if (from != nullptr) go_on(*from);
  stopping_ = false;
  begin_relaying();
}

void TransactionalOutbox::begin_relaying() {
  thread_ = std::thread([this] { run(); });
}

void TransactionalOutbox::wake() {
  const std::lock_guard lock(wake_mutex_);
  wake_.notify_all();
}

std::uint64_t TransactionalOutbox::stop(Clock::time_point deadline) {
  stop_by_ = deadline;
  stopping_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
  ready_ = false;
  tell_kept();
  std::uint64_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (store_ != nullptr) waiting = store_->entries(Stream::exactly_once);
    store_ = nullptr;
  }
  return waiting;
}

/// Publishers that wait for Kafka learn that their events are safe, and wait no longer.
void TransactionalOutbox::tell_kept() {
  std::vector<EventHandle> events;
  {
    const std::lock_guard lock(mutex_);
    events = live_.take_all();
  }
  for (const EventHandle event : events) bus_.complete(event, Outcome::done, kept_in_outbox);
}

Result<TopicId> TransactionalOutbox::open_topic(std::string_view name) {
  constexpr std::size_t max_topics = 65'536;
  const std::lock_guard lock(mutex_);
  std::string key(name);
  if (const auto known = topic_ids_.find(key); known != topic_ids_.end()) return known->second;
  if (topics_.size() == max_topics) return Error(ErrorCode::busy, "too many topics");
  const auto id = TopicId(topics_.size());
  topics_.push_back(key);
  topic_ids_.emplace(std::move(key), id);
  return id;
}

SendStatus TransactionalOutbox::send(const OutboundRecord& record) noexcept {
  if (counted_bytes(record) > options_.max_record_bytes) return SendStatus::too_large;
  try {
    return append(record);
  } catch (const std::exception&) {
    return SendStatus::full;  // out of memory: nothing was taken
  }
}

SendStatus TransactionalOutbox::append(const OutboundRecord& record) {
  const std::lock_guard lock(mutex_);
  const auto topic = static_cast<std::size_t>(record.topic);
  if (store_ == nullptr || topic >= topics_.size()) return SendStatus::refused;
  const Result<std::uint64_t> position = store_->append(Stream::exactly_once, to_entry(record, topics_[topic]));
  if (!position.ok()) {
    append_trouble_ = position.error().message;
    return position.error().code == ErrorCode::busy ? SendStatus::full : SendStatus::refused;
  }
  appended_.fetch_add(1);
  if (relay_rests_.load()) wake();
  const std::uint64_t bytes = record.value.size() + record.key.size();
  if (record.event == nullptr || !ready_ || !live_.has_room(bytes)) return SendStatus::kept;
  live_.add(position.value(), record.event, bytes);
  return SendStatus::accepted;
}

std::string TransactionalOutbox::explain(SendStatus status, const OutboundRecord& record) const {
  if (status == SendStatus::too_large) {
    return "a record of " + std::to_string(counted_bytes(record)) + " bytes is over max_request_size, which is " +
           std::to_string(options_.max_record_bytes);
  }
  const std::lock_guard lock(mutex_);
  return append_trouble_;
}

TransactionalOutbox::Status TransactionalOutbox::status() const {
  Status status;
  status.state = stopping_ ? "stopped" : fenced_ ? "fenced" : ready_ ? "running" : "connecting";
  status.committed = committed_.load(std::memory_order_relaxed);
  status.aborted = aborted_.load(std::memory_order_relaxed);
  status.published = published_.load(std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  if (store_ != nullptr) status.waiting = store_->entries(Stream::exactly_once);
  status.trouble = trouble_;
  return status;
}

void TransactionalOutbox::set_trouble(std::string text) {
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(text);
}

}  // namespace kafka_events
