// The consumer thread's way: connect, subscribe, turns. consumer_group.cpp has assignments, commits and the end.
#include "kafka/consumer_loop.h"

#include <algorithm>
#include <pthread.h>
#include <thread>
#include <time.h>
#include <utility>

#include "kafka/client.h"
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

/// The steady clock to a few milliseconds, cheap enough to be read at each record.
std::chrono::steady_clock::time_point coarse_now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::chrono::steady_clock::time_point(std::chrono::seconds(now.tv_sec) +
                                               std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

ConsumerLoop::ConsumerLoop(config::WorkerSettings settings, std::string oauth_token_file, Log& log)
    : settings_(std::move(settings)),
      oauth_token_file_(std::move(oauth_token_file)),
      log_(log),
      errors_(log, "kafka.consumer." + settings_.name),
      client_log_(log, "kafka.librdkafka") {}

ConsumerLoop::~ConsumerLoop() = default;

Result<rd_kafka_t*> ConsumerLoop::make_client() const {
  auto client = new_client(client_properties(), RD_KAFKA_CONSUMER);
  if (!client) return client.error().within("worker " + settings_.name);
  rd_kafka_poll_set_consumer(client.value());
  return client;
}

Result<void> ConsumerLoop::set_up(RecordHandler& handler, rd_kafka_t* client, bool took_over,
                                  const WorkerHandover* from) {
  took_over_ = took_over;
  if (!took_over || client_key_.name.empty()) (void)key();  // else as it was compared with the other version's
  if (client == nullptr) {
    auto made = make_client();
    if (!made) return made.error();
    client = made.value();
  }
  client_ = client;
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.reset(rd_kafka_queue_get_consumer(client_));
  }
  handler_ = &handler;
  handler.quiesce(false);
  begin_anew();
  member_was_assigned_ = took_over_ && from->assigned;
  if (from != nullptr) {
    take_over_counters(*from);
    gate_ = Gate::closing;  // until resume(): what its handlers publish still waits at the host
    interrupted_ = true;
  }
  commands_.open();
  state_ = ConsumerState::connecting;
  ended_ = false;
  return {};
}

void ConsumerLoop::begin_anew() {
  commit_answers_.reset(rd_kafka_queue_new(client_));
  commits_in_flight_ = 0;
  commit_interval_ =
      settings_.auto_commit ? milliseconds_of(settings_.properties, "auto.commit.interval.ms", 5000ms) : 0ms;
  last_commit_ = {};
  last_rebalance_ = {};
  assignment_ = {};
  expected_.clear();
  subscribed_ = false;
  leaving_ = false;
  seen_assignment_ = false;
  resting_ = false;
  first_failed_ = false;
  handler_quiesced_ = false;
  held_back_since_ = never;
  client_left_ = false;
  hurried_ = false;
  stop_by_ = never;
  gate_ = Gate::open;
  interrupted_ = false;
  last_turn_ = Clock::now();
  const std::lock_guard lock(status_mutex_);
  shared_ = {};
}

void ConsumerLoop::ask_to_stop(Clock::time_point deadline) {
  {
    const std::lock_guard lock(gate_mutex_);
    stop_by_ = deadline;
    interrupted_ = true;
  }
  gate_changed_.notify_all();
  wake();
}

void ConsumerLoop::wake() {
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
  if (took_over_) go_on();
  while (!must_stop() && state_ != ConsumerState::failed && gate_ != Gate::handed_over) {
    if (gate_ != Gate::open) {
      quiet_turn();
    } else if (!subscribed_) {
      begin();
    } else {
      turn();
    }
  }
  gate_ == Gate::handed_over ? let_go() : leave();
  handler_->attach(nullptr);
  {
    const std::lock_guard lock(gate_mutex_);
    ended_.store(true, std::memory_order_release);
  }
  gate_changed_.notify_all();
}

void ConsumerLoop::begin() {
  connect();
  if (interrupted_ || state_ == ConsumerState::failed) return;
  subscribed_ = true;
  join();
}

void ConsumerLoop::connect() {
  for (int timeout_ms = first_metadata_ms; !interrupted_ && !census_.taken();
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
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(std::string("cannot subscribe: ") + rd_kafka_err2str(code));
  tell_if_nothing_is_there();
}

/// librdkafka does not even join a group as long as nothing matches.
void ConsumerLoop::tell_if_nothing_is_there() {
  if (assignment_.empty() && !census_.has_any(settings_.topics)) handler_->on_assigned({});
}

void ConsumerLoop::turn() {
  if (std::exchange(handler_quiesced_, false)) handler_->quiesce(false);
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
  while (!interrupted_.load(std::memory_order_relaxed) && state_ != ConsumerState::failed && !hold_back()) {
    EventOwner event(rd_kafka_queue_poll(queue_.get(), timeout_ms));
    if (event == nullptr) break;
    serve(std::move(event));
    timeout_ms = 0;
    if (records_.load(std::memory_order_relaxed) >= last || coarse_now() >= until) break;
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

}  // namespace kafka_events
