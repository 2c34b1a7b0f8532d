// The consumer thread's way: connect, subscribe, turns. consumer_group.cpp has assignments, commits and the end.
#include "kafka/consumer_loop.h"

#include <algorithm>
#include <pthread.h>
#include <thread>

#include "kafka/client.h"
#include "kafka/message_headers.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds turn_time{100};
/// Pausing throws away what was fetched ahead: shorter pressure is waited out.
constexpr std::chrono::milliseconds hold_back_limit{100};
constexpr std::chrono::milliseconds hold_back_step{1};
constexpr int resting_poll_ms = 5;
constexpr int first_metadata_ms = 100;
constexpr int longest_metadata_ms = 1000;
constexpr std::uint32_t default_records_per_turn = 10'000;

/// The release of a record must not lie in this module, which may be gone by then.
using Release = void (*)(void*);
Release librdkafka_release() {
  return reinterpret_cast<Release>(reinterpret_cast<void (*)()>(&rd_kafka_event_destroy));
}

Bytes to_bytes(const void* data, std::size_t size) {
  return data == nullptr ? Bytes() : Bytes(static_cast<const char*>(data), size);
}

}  // namespace

ConsumerLoop::ConsumerLoop(config::WorkerSettings settings, std::string oauth_token_file, Log& log)
    : settings_(std::move(settings)),
      oauth_token_file_(std::move(oauth_token_file)),
      log_(log),
      errors_(log, "kafka.consumer." + settings_.name),
      client_log_(log, "kafka.librdkafka") {}

ConsumerLoop::~ConsumerLoop() = default;

Result<void> ConsumerLoop::prepare(RecordHandler& handler) {
  std::vector<config::Property> properties = settings_.properties;
  for (config::Property& each : properties) {
    if (each.name == "enable.auto.commit") each.value = "false";  // see commit_when_due()
  }
  auto client = new_client(properties, RD_KAFKA_CONSUMER);
  if (!client) return client.error().within("worker " + settings_.name);
  client_ = client.value();
  rd_kafka_poll_set_consumer(client_);
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.reset(rd_kafka_queue_get_consumer(client_));
  }
  handler_ = &handler;
  commit_answers_.reset(rd_kafka_queue_new(client_));
  commits_in_flight_ = 0;
  commit_interval_ =
      settings_.auto_commit ? milliseconds_of(settings_.properties, "auto.commit.interval.ms", 5000ms) : 0ms;
  last_commit_ = {};
  last_rebalance_ = {};
  assignment_ = {};
  leaving_ = false;
  seen_assignment_ = false;
  resting_ = false;
  first_failed_ = false;
  held_back_since_ = never;
  client_left_ = false;
  commands_.open();
  stop_by_ = never;
  last_turn_ = Clock::now();
  {
    const std::lock_guard lock(status_mutex_);
    shared_ = {};
  }
  state_ = ConsumerState::connecting;
  ended_ = false;
  return {};
}

void ConsumerLoop::ask_to_stop(Clock::time_point deadline) {
  stop_by_ = deadline;
  const std::lock_guard lock(queue_mutex_);
  if (queue_ != nullptr) rd_kafka_queue_yield(queue_.get());
}

bool ConsumerLoop::wait_until_ended(Clock::time_point deadline) const {
  while (!ended_.load(std::memory_order_acquire)) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void ConsumerLoop::run() noexcept {
  pthread_setname_np(pthread_self(), ("kfk-" + settings_.name).substr(0, 15).c_str());
  handler_->attach(this);
  connect();
  if (!must_stop() && state_ != ConsumerState::failed) join();
  while (!must_stop() && state_ != ConsumerState::failed) turn();
  leave();
  handler_->attach(nullptr);
  ended_.store(true, std::memory_order_release);
}

void ConsumerLoop::connect() {
  for (int timeout_ms = first_metadata_ms; !must_stop() && !census_.taken();
       timeout_ms = std::min(timeout_ms * 2, longest_metadata_ms)) {
    last_turn_ = Clock::now();
    if (census_.take(client_, timeout_ms)) break;
    while (EventOwner event{rd_kafka_queue_poll(queue_.get(), 0)}) serve(std::move(event));
  }
}

void ConsumerLoop::join() {
  state_ = ConsumerState::joining;
  if (!settings_.partitions.empty()) return assign_fixed_partitions();
  const PartitionList topics(rd_kafka_topic_partition_list_new(static_cast<int>(settings_.topics.size())));
  for (const std::string& topic : settings_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto code = rd_kafka_subscribe(client_, topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(std::string("cannot subscribe: ") + rd_kafka_err2str(code));
}

void ConsumerLoop::turn() {
  serve_commands();
  const auto begin = Clock::now();
  last_turn_ = begin;
  probe_.check(client_, nullptr);
  const bool in_time = take_events(begin + turn_time);
  commit_and_hand_over();
  const auto now = Clock::now();
  {
    const auto inside = handling_.enter();
    handler_->on_turn(now);
  }
  store_watermarks();
  rest_partitions();
  if (now >= status_due_ || !in_time) publish_status();
}

/// Serves events until the time is over or there are none. False: the group changed, which the status should show soon.
bool ConsumerLoop::take_events(Clock::time_point until) {
  const std::uint64_t rebalances = rebalances_.load(std::memory_order_relaxed);
  const std::uint64_t last = records_.load() + settings_.max_poll_records.value_or(default_records_per_turn);
  const auto wait = std::min({settings_.poll_timeout, turn_time, handler_->next_turn_within()});
  int timeout_ms = resting_ ? resting_poll_ms : static_cast<int>(wait.count());
  while (!must_stop() && state_ != ConsumerState::failed && !hold_back()) {
    EventOwner event(rd_kafka_queue_poll(queue_.get(), timeout_ms));
    if (event == nullptr) break;
    serve(std::move(event));
    timeout_ms = 0;
    if (records_.load(std::memory_order_relaxed) >= last || Clock::now() >= until) break;
    if (first_.full(settings_.max_in_flight)) break;
  }
  return rebalances == rebalances_.load(std::memory_order_relaxed);
}

/// Too much is in flight: wait for a moment instead of polling. True: that is what was done.
bool ConsumerLoop::hold_back() {
  if (resting_ || !is_pressed()) {
    held_back_since_ = never;
    return false;
  }
  const auto now = Clock::now();
  held_back_since_ = std::min(held_back_since_, now);
  if (now - held_back_since_ >= hold_back_limit) return false;
  std::this_thread::sleep_for(hold_back_step);
  return true;
}

bool ConsumerLoop::is_pressed() const noexcept { return first_failed_ || handler_->wants_pause(); }

void ConsumerLoop::rest_partitions() {
  const bool pressed = is_pressed();
  resting_ = pressed && (resting_ || (held_back_since_ != never && Clock::now() - held_back_since_ >= hold_back_limit));
  std::vector<TopicPartition> paused = handler_->paused_partitions();
  if (commands_.holds_any()) commands_.add_held(assignment_.all(), paused);
  assignment_.rest(client_, resting_, paused);
}

void ConsumerLoop::serve(EventOwner event) {
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_FETCH:
      return on_fetched(std::move(event));
    case RD_KAFKA_EVENT_REBALANCE:
      return on_rebalance(event.get());
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      return on_committed(event.get());
    case RD_KAFKA_EVENT_ERROR:
      return on_error(event.get());
    default:
      serve_common_event(client_, event.get(), oauth_token_file_, client_log_, log_);
  }
}

void ConsumerLoop::on_fetched(EventOwner event) {
  const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
  if (message == nullptr || leaving_) return;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return on_partition_error(message->err, rd_kafka_message_errstr(message));
  }
  read_headers(*message, headers_);
  InboundRecord record;
  record.topic = rd_kafka_topic_name(message->rkt);
  record.partition = message->partition;
  record.offset = message->offset;
  record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
  record.key = to_bytes(message->key, message->key_len);
  record.value = to_bytes(message->payload, message->len);
  record.headers = headers_;
  record.owner = event.release();
  record.release = librdkafka_release();
  records_.fetch_add(1, std::memory_order_relaxed);
  if (settings_.qos == config::Qos::at_most_once) return first_.add(record);
  const auto inside = handling_.enter();
  handler_->on_record(record);
}

void ConsumerLoop::on_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  const std::string text = error_text(event, settings_.properties);
  if (is_connection_error(code)) probe_.doubt(code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
  if (rd_kafka_event_error_is_fatal(event) != 0) {
    errors_.add(LogLevel::error, rd_kafka_err2name(code), text);
    return fail(text);
  }
  on_partition_error(code, text);
}

void ConsumerLoop::on_partition_error(rd_kafka_resp_err_t code, std::string_view text) {
  if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  // A pattern that matches no topic yet is no problem: it is looked up again every topic.metadata.refresh.interval.ms.
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && text.find("not available: ^") != std::string_view::npos)
    return;
  if (code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    errors_.add(LogLevel::error, rd_kafka_err2name(code), text);
    return fail("a partition has no committed offset (or it is gone), and auto_offset_reset is none: " +
                std::string(text));
  }
  errors_.add(LogLevel::warning, rd_kafka_err2name(code), text);
}

void ConsumerLoop::fail(std::string reason) {
  log_.write(LogLevel::error, "kafka.consumer." + settings_.name, "the worker stops: " + reason);
  const std::lock_guard lock(status_mutex_);
  shared_.reason = std::move(reason);
  state_ = ConsumerState::failed;
}

}  // namespace kafka_events
