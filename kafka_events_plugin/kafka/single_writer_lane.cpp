// Life and queue of a lane; single_writer_steps.cpp has its transactions, single_writer_reports.cpp what is told of them.
#include "kafka/single_writer_lane.h"

#include <algorithm>
#include <array>
#include <exception>
#include <pthread.h>
#include <random>
#include <system_error>

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds step_time = 1000ms;
constexpr std::chrono::milliseconds client_end = 1000ms;
constexpr std::size_t largest_batch = 10'000;
constexpr std::uint64_t largest_batch_bytes = std::uint64_t{16} << 20U;
/// How often is below this bit of a position, who above.
constexpr unsigned writer_shift = 40;

std::int64_t first_position() {
  std::random_device random;
  const std::uint64_t writer = (random() & ((1U << 22U) - 1)) + 1;
  return static_cast<std::int64_t>(writer << writer_shift);
}

}  // namespace

std::string SingleWriterLane::transactional_id(std::string_view topic) {
  return std::string("kafka_events-single-writer-").append(topic);
}

SingleWriterLane::SingleWriterLane(std::string topic, std::unique_ptr<TransactionalProducer> producer, Limits limits,
                                   Log& log)
    : topic_(std::move(topic)),
      producer_(std::move(producer)),
      group_(transactional_id(topic_)),
      limits_(limits),
      log_(log) {}

SingleWriterLane::~SingleWriterLane() {
  begin_stop(Clock::now());
  (void)finish();
}

Result<void> SingleWriterLane::start(DeliveryListener& listener) {
  listener_ = &listener;
  stopping_ = false;
  stop_by_ = Clock::time_point::max();
  prepared_ = undecided_ = false;
  position_ = -1;
  next_position_ = first_position();
  batch_limit_ = largest_batch;
  in_time_ = true;
  enter(State::connecting, {});
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    enter(State::stopped, {});
    return Error(ErrorCode::failed, std::string("the thread of a single writer: ").append(error.what()));
  }
  return {};
}

void SingleWriterLane::begin_stop(Clock::time_point deadline) {
  {
    const std::lock_guard lock(mutex_);
    stop_by_ = deadline;
    stopping_ = true;
  }
  wake_.notify_all();
}

bool SingleWriterLane::finish() {
  if (thread_.joinable()) thread_.join();
  return in_time_;
}

Bytes SingleWriterLane::Entry::value() const {
  if (!has_value) return {};
  return is_null(value_in_event) ? Bytes(copied_value) : value_in_event;
}

std::vector<Header> SingleWriterLane::Entry::header_views() const {
  std::vector<Header> views;
  views.reserve(headers.size());
  for (const auto& [name, value] : headers) views.push_back({name, value ? Bytes(*value) : Bytes()});
  return views;
}

SingleWriterLane::Entry SingleWriterLane::entry_of(const OutboundRecord& record) {
  Entry entry;
  entry.event = record.event;
  entry.number = record.number;
  entry.partition = record.partition;
  entry.has_key = !is_null(record.key);
  entry.has_value = !is_null(record.value);
  entry.key = record.key;
  if (record.value_in_event) {
    entry.value_in_event = record.value;
  } else {
    entry.copied_value = record.value;
  }
  entry.headers.reserve(record.headers.size());
  for (const Header& header : record.headers) {
    entry.headers.emplace_back(header.name,
                               is_null(header.value) ? std::nullopt : std::optional(std::string(header.value)));
  }
  entry.timestamp_ms = record.timestamp_ms;
  entry.since = Clock::now();
  return entry;
}

SendStatus SingleWriterLane::send(const OutboundRecord& record) noexcept {
  const std::uint64_t bytes = record.key.size() + record.value.size();
  if (bytes > limits_.max_record_bytes) return SendStatus::too_large;
  try {
    Entry entry = entry_of(record);
    const std::lock_guard lock(mutex_);
    if (stopping_ || state_ == State::stopped || state_ == State::fenced) return SendStatus::refused;
    if (waiting_ >= limits_.max_records || waiting_bytes_ + bytes > limits_.max_bytes) return SendStatus::full;
    queue_.push_back(std::move(entry));
    ++waiting_;
    waiting_bytes_ += bytes;
  } catch (const std::exception&) {  // out of memory
    return SendStatus::full;
  }
  wake_.notify_one();
  return SendStatus::accepted;
}

std::string SingleWriterLane::explain(SendStatus status, const OutboundRecord& record) const {
  const std::lock_guard lock(mutex_);
  switch (status) {
    case SendStatus::accepted:
    case SendStatus::kept:
      return "accepted";
    case SendStatus::full:
      return std::to_string(waiting_) + " records wait for the single writer of topic " + topic_ +
             " (queue.buffering.max.messages, queue.buffering.max.kbytes)";
    case SendStatus::too_large:
      return "a record of " + std::to_string(record.value.size() + record.key.size()) +
             " bytes is over max_request_size, which is " + std::to_string(limits_.max_record_bytes);
    case SendStatus::refused:
      break;
  }
  return state_ == State::fenced ? trouble_ : "the single writer of topic " + topic_ + " is stopped";
}

SingleWriterStatus SingleWriterLane::status() const {
  constexpr std::array names{"stopped", "connecting", "writing", "fenced"};
  SingleWriterStatus status;
  status.topic = topic_;
  status.committed = committed_.load();
  status.aborted = aborted_.load();
  status.delivered = delivered_.load();
  status.failed = failed_.load();
  const std::lock_guard lock(mutex_);
  status.state = names.at(static_cast<std::size_t>(state_));
  status.trouble = trouble_;
  status.waiting = waiting_;
  return status;
}

void SingleWriterLane::enter(State state, std::string trouble) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  trouble_ = std::move(trouble);
}

SingleWriterLane::Clock::time_point SingleWriterLane::step_deadline() const {
  return std::min(Clock::now() + step_time, stop_by_.load());
}

void SingleWriterLane::rest(std::chrono::milliseconds time) {
  const auto until = std::min(Clock::now() + time, std::max(stop_by_.load(), Clock::now()));
  std::unique_lock lock(mutex_);
  const bool was = stopping_;
  wake_.wait_until(lock, until, [&] { return stopping_ != was; });
}

void SingleWriterLane::run() {
  pthread_setname_np(pthread_self(), "kfk-single");
  while (!producer_->start(*this) && !time_is_over()) {
    enter(State::connecting, "its client cannot be made; tried again every second");
    rest(1000ms);
  }
  while (!time_is_over()) {
    {
      const std::lock_guard lock(mutex_);
      if (state_ == State::fenced) break;
    }
    if (!prepared_ && !prepare()) {
      if (!undecided_) expire();
      continue;
    }
    if (!take_batch()) break;
    attempt();
  }
  {
    std::unique_lock lock(mutex_);
    if (state_ == State::fenced) wake_.wait(lock, [this] { return stopping_.load(); });
  }
  {
    const std::lock_guard lock(mutex_);
    in_time_ = batch_.empty() && queue_.empty();
  }
  if (undecided_ && !batch_.empty()) {
    report_failed(batch_, Failure::transient, "the plugin stopped before Kafka said whether it has it", true);
  }
  fail_everything(Failure::transient, "the plugin stopped before it was sent");
  producer_->stop(std::max(stop_by_.load(), Clock::now() + client_end));
  producer_topic_.reset();
  enter(State::stopped, {});
}

/// Waits for something to send; false: stopping, and nothing is left.
bool SingleWriterLane::take_batch() {
  std::unique_lock lock(mutex_);
  if (batch_.empty()) wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::uint64_t bytes = 0;
  for (const Entry& entry : batch_) bytes += entry.bytes();
  while (!queue_.empty() && batch_.size() < batch_limit_ && (batch_.empty() || bytes < largest_batch_bytes)) {
    bytes += queue_.front().bytes();
    batch_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !batch_.empty();
}

}  // namespace kafka_events
