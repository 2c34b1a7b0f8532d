// The handler of numbered events. What counts in the ledger is the handling that did not fail.
#include "load_receiver.h"

#include <chrono>
#include <memory>
#include <pthread.h>

#include "agent_plugin_cpp/draft.hpp"

namespace swap_load {
namespace {

constexpr std::size_t most_intervals = 2'000'000;
constexpr std::int64_t interval_threshold_ns = 1'000'000;
constexpr std::int64_t ns_per_ms = 1'000'000;

}  // namespace

LoadReceiver::LoadReceiver(const agent_host* host, ReceivePlan plan)
    : host_(host),
      bus_(agent::Bus::of(host)),
      table_(static_cast<const agent_event_bus*>(host->get_extension(host, AGENT_EXT_EVENT_BUS))),
      plan_(std::move(plan)),
      intervals_(most_intervals, interval_threshold_ns),
      ledger_(plan_.keys) {}

agent::Status LoadReceiver::start() {
  if (plan_.pattern.empty()) return agent::ok();
  thread_ = std::thread([this] { run(); });
  return bus_.subscribe(
      "swap_load", {plan_.pattern}, [this](const agent::Event& event) { return handle(event); }, in_);
}

void LoadReceiver::stop() {
  in_.reset();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

agent::Answer LoadReceiver::handle(const agent::Event& event) {
  intervals_.tick();
  received_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    const std::optional<Numbered> numbered = parse_numbered(event.payload());
    if (numbered && fails(*numbered)) return agent::Answer::failed;
    const bool failed_before = numbered && failures_.count({numbered->key, numbered->number}) != 0;
    ledger_.add(event.payload(), event.key(), failed_before);
    if (plan_.answer == "later") {
      waiting_.push_back({event.get(), now_ns() + plan_.delay_ms * ns_per_ms});
      if (waiting_.size() == 1) changed_.notify_one();
      return agent::Answer::later;
    }
  }
  return plan_.answer == "echo" ? echo(event) : agent::Answer::done;
}

bool LoadReceiver::fails(const Numbered& numbered) {
  if (plan_.fail_every == 0 || (numbered.number + numbered.key) % plan_.fail_every != 0) return false;
  std::uint32_t& times = failures_[{numbered.key, numbered.number}];
  if (times >= plan_.fail_times) return false;
  ++times;
  ++failed_;
  return true;
}

agent::Answer LoadReceiver::echo(const agent::Event& event) {
  agent::Draft draft(plan_.echo_topic);
  draft.key(event.key()).payload_of(event);
  const agent_event_draft built = draft.build();
  auto pending = std::make_unique<Echoed>(Echoed{this, event.get()});
  const agent_event_completion completion{sizeof completion, 0, pending.get(), 0, &echoed};
  agent_error error = AGENT_ERROR_INIT;
  echoes_.fetch_add(1);
  const std::int32_t status = table_->publish(host_, &built, &completion, nullptr, &error);
  if (status == AGENT_OK || status == AGENT_E_BUSY) {
    (void)pending.release();  // echoed() has it
    return agent::Answer::later;
  }
  echoes_.fetch_sub(1);
  return agent::Answer::failed;
}

void LoadReceiver::echoed(void* context, std::uint64_t /*cookie*/, const agent_event_result* result) noexcept {
  const std::unique_ptr<Echoed> pending(static_cast<Echoed*>(context));
  LoadReceiver& self = *pending->self;
  const bool done = result->outcome == AGENT_OUTCOME_DONE && result->handlers > 0;
  if (!done) {
    const std::lock_guard lock(self.mutex_);
    ++self.echo_failures_;
  }
  self.bus_.complete(pending->cause, done ? agent::Outcome::done : agent::Outcome::failed);
  self.echoes_.fetch_sub(1);
}

void LoadReceiver::run() {
  pthread_setname_np(pthread_self(), "load-receiver");
  std::unique_lock lock(mutex_);
  while (!ending_ || !waiting_.empty()) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Waiting next = waiting_.front();
    const std::int64_t left = next.due_ns - now_ns();
    if (left > 0) {
      changed_.wait_for(lock, std::chrono::nanoseconds(left));
      continue;
    }
    waiting_.pop_front();
    lock.unlock();
    bus_.complete(next.event, agent::Outcome::done);
    lock.lock();
  }
}

std::string LoadReceiver::json() const {
  const std::lock_guard lock(mutex_);
  std::string out = "{\"ledger\":";
  out.append(ledger_.json()).append(",\"failed\":").append(std::to_string(failed_));
  out.append(",\"echo_failures\":").append(std::to_string(echo_failures_));
  return out.append(",\"received\":").append(std::to_string(received_)).append("}");
}

}  // namespace swap_load
