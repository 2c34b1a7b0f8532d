// How a consumer gives itself up to another version of the module: its thread finishes what it took and touches nothing
// any more, and then the client changes hands, with its membership in the group and what it has fetched.
#include <algorithm>

#include "kafka/client.h"
#include "kafka/client_handover.h"
#include "kafka/consumer_loop.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

/// While something is under way that nobody reports to the thread.
constexpr std::chrono::microseconds quiet_step = 300us;
constexpr std::chrono::milliseconds closed_step = 100ms;
/// A commit that is under way delays the other version's first one, should the group be rebalanced; more it is not worth.
constexpr std::chrono::milliseconds commit_patience = 250ms;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& each : texts) all.append(each).append(1, '\n');
  return all;
}

}  // namespace

// ---- Lifecycle thread ----

ClientKey ConsumerLoop::key() {
  // Of a client that is there: what it was made from, though a file that it was made from may have changed since.
  if (!ended_) return client_key_;
  // What it was subscribed to is part of the client.
  std::string more = oauth_token_file_ + '\n' + joined(settings_.topics);
  for (const std::int32_t partition : settings_.partitions) more.append(std::to_string(partition)).append(1, ' ');
  client_key_ = client_key(client_name(), client_properties(), RD_KAFKA_CONSUMER, more);
  return client_key_;
}

void ConsumerLoop::close_gate() {
  {
    const std::lock_guard lock(gate_mutex_);
    if (gate_ != Gate::open) return;
    gate_ = Gate::closing;
    interrupted_ = true;
  }
  gate_changed_.notify_all();
  wake();
}

void ConsumerLoop::open_gate() {
  {
    const std::lock_guard lock(gate_mutex_);
    gate_ = Gate::open;
    interrupted_ = must_stop();
  }
  gate_changed_.notify_all();
}

bool ConsumerLoop::wait_until_quiet(Clock::time_point deadline) {
  std::unique_lock lock(gate_mutex_);
  return gate_changed_.wait_until(lock, deadline, [this] { return gate_ == Gate::closed || ended_; });
}

std::string ConsumerLoop::what_is_under_way() const {
  const std::uint64_t records = handler_->in_flight();
  if (records > 0) return std::to_string(records) + " of its records are still with their handlers";
  if (in_handler_.load() > 0ms) return "its thread is inside a handler";
  return "a commit of it, or a transaction, has not been answered";
}

Result<WorkerHandover> ConsumerLoop::hand_over(Deposits* deposits) {
  WorkerHandover to;
  to.worker = settings_.name;
  {
    const std::lock_guard lock(gate_mutex_);
    if (gate_ != Gate::closed && !ended_) return Error(ErrorCode::state, "worker " + to.worker + " is not quiesced");
    to.census_taken = census_.taken();
    to.known_topics = census_.known();
    commands_.hand_over(to);
    add_counters(to);
    if (!ended_) {
      to.assigned = state_ == ConsumerState::running;
      to.partitions = assignment_.hand_over(client_);
      // What another version knew of partitions that have not been assigned since.
      for (const auto& [partition, known] : expected_) to.partitions.push_back(known);
    }
    handler_->hand_over(to);
    if (ended_ || deposits == nullptr) return to;
    if (auto deposited = deposit_client(*deposits, client_name(), client_); !deposited) return deposited.error();
    to.consumer_deposited = true;
    gate_ = Gate::handed_over;
  }
  gate_changed_.notify_all();
  return to;
}

void ConsumerLoop::add_counters(WorkerHandover& to) const {
  to.counters.push_back({"consumer.records", settings_.name, records_.load()});
  to.counters.push_back({"consumer.rebalances", settings_.name, rebalances_.load()});
  to.counters.push_back({"consumer.not_handed_over", settings_.name, not_handed_over_.load()});
}

// ---- Consumer thread ----

void ConsumerLoop::quiet_turn() {
  const auto now = Clock::now();
  last_turn_ = now;
  commands_.expire(now, "the worker is changing hands");
  if (!std::exchange(handler_quiesced_, true)) {
    closing_since_ = now;
    handler_->quiesce(true);
  }
  if (gate_ == Gate::closing && is_quiet()) {
    {
      const std::lock_guard lock(gate_mutex_);
      if (gate_ == Gate::closing) gate_ = Gate::closed;
    }
    gate_changed_.notify_all();
  }
  std::unique_lock lock(gate_mutex_);
  const Gate before = gate_;
  const auto limit = before == Gate::closed ? std::chrono::microseconds(closed_step) : quiet_step;
  gate_changed_.wait_for(lock, limit, [&] { return gate_ != before || must_stop(); });
}

/// Does what has to be done for it, but takes nothing new.
bool ConsumerLoop::is_quiet() {
  commit_and_hand_over();
  {
    const auto inside = handling_.enter();
    handler_->on_turn(Clock::now());
  }
  const PartitionList moved = assignment_.advance(handler_->watermarks());
  if (settings_.qos == config::Qos::exactly_once && moved != nullptr) assignment_.committed(*moved);
  take_commit_answers(0);
  if (!first_.empty() || !handler_->is_quiet()) return false;
  return commits_in_flight_ == 0 || Clock::now() - closing_since_ > commit_patience;
}

/// The client is somebody else's.
void ConsumerLoop::let_go() {
  commands_.close("worker " + settings_.name + " has changed hands");
  handler_->on_lost(assignment_.all());
  assignment_ = {};
  client_ = nullptr;
  commit_answers_.reset();
  probe_.reset();
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.reset();
    idle_queue_.reset();
  }
  {
    const std::lock_guard lock(status_mutex_);
    shared_ = {};
  }
  state_ = ConsumerState::stopped;
}

}  // namespace kafka_events
