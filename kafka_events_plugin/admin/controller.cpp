// The state machine as a table, and the thread that walks it.
#include "admin/controller.h"

#include <array>
#include <exception>
#include <memory>
#include <pthread.h>
#include <system_error>
#include <utility>

namespace kafka_events::admin {
namespace {

constexpr std::string_view component = "admin.controller";

/// What a command does in a state. A pair that is not in the table has nothing to do, and succeeds.
struct Transition {
  BridgeState from;
  Command command;
  BridgeState meanwhile;
  BridgeState then;
  BridgeState on_failure;
};

constexpr std::array transitions{
    Transition{BridgeState::stopped, Command::start, BridgeState::starting, BridgeState::running, BridgeState::failed},
    Transition{BridgeState::failed, Command::start, BridgeState::starting, BridgeState::running, BridgeState::failed},
    Transition{BridgeState::running, Command::stop, BridgeState::draining, BridgeState::stopped, BridgeState::failed},
    Transition{BridgeState::failed, Command::stop, BridgeState::draining, BridgeState::stopped, BridgeState::failed},
};

const Transition* find(BridgeState from, Command command) noexcept {
  for (const Transition& transition : transitions) {
    if (transition.from == from && transition.command == command) return &transition;
  }
  return nullptr;
}

Result<StopCounts> act(BridgeService& service, Command command, Controller::Deadline deadline) noexcept {
  try {
    if (command == Command::stop) return service.stop(deadline);
    const Result<void> started = service.start();
    if (!started) return started.error();
    return StopCounts{};
  } catch (const std::exception& exception) {
    return Error(ErrorCode::internal, exception.what());
  }
}

}  // namespace

std::string_view to_text(BridgeState state) noexcept {
  static constexpr std::array<std::string_view, 5> names{"stopped", "starting", "running", "draining", "failed"};
  return names[static_cast<std::size_t>(state)];
}

Controller::~Controller() { close(); }

Result<void> Controller::open() {
  if (thread_.joinable()) return {};
  {
    const std::scoped_lock lock(mutex_);
    open_ = true;
  }
  try {
    thread_ = std::thread([this] { serve(); });
  } catch (const std::system_error& error) {
    const std::scoped_lock lock(mutex_);
    open_ = false;
    return Error(ErrorCode::failed, std::string("no thread for the controller: ") + error.what());
  }
  return {};
}

void Controller::close() {
  std::deque<Job> left;
  {
    const std::scoped_lock lock(mutex_);
    open_ = false;
    left.swap(jobs_);
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const Job& job : left) job.done(Error(ErrorCode::state, "the plugin is being stopped by its host"));
}

Result<void> Controller::submit(Command command, Deadline deadline, Done done) {
  {
    const std::scoped_lock lock(mutex_);
    if (!open_) return Error(ErrorCode::state, "the host has not started the plugin, or is about to swap it");
    if (jobs_.size() >= max_waiting) {
      return Error(ErrorCode::busy, std::to_string(max_waiting) + " requests to start or stop are waiting already");
    }
    jobs_.push_back({command, deadline, std::move(done)});
  }
  changed_.notify_all();
  return {};
}

Result<StopCounts> Controller::run(Command command, Deadline deadline) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable changed;
    bool given = false;
    Result<StopCounts> result = StopCounts{};
  };
  const auto answer = std::make_shared<Answer>();
  const Result<void> queued = submit(command, deadline, [answer](const Result<StopCounts>& result) {
    const std::scoped_lock lock(answer->mutex);
    answer->result = result;
    answer->given = true;
    answer->changed.notify_all();
  });
  if (!queued) return queued.error();
  std::unique_lock lock(answer->mutex);
  answer->changed.wait(lock, [&] { return answer->given; });  // every job is answered, and keeps its deadline
  return answer->result;
}

BridgeState Controller::state() const {
  const std::scoped_lock lock(mutex_);
  return state_;
}

std::string Controller::reason() const {
  const std::scoped_lock lock(mutex_);
  return reason_;
}

void Controller::serve() {
  pthread_setname_np(pthread_self(), "kfk-control");
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !open_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job.done(perform(job));
  }
}

Result<StopCounts> Controller::perform(const Job& job) {
  if (std::chrono::steady_clock::now() > job.deadline) {
    return Error(ErrorCode::timeout, "an earlier request to start or stop took until this one's deadline");
  }
  const Transition* transition = find(state(), job.command);
  if (transition == nullptr) return StopCounts{};
  enter(transition->meanwhile);
  Result<StopCounts> result = act(service_, job.command, job.deadline);
  if (result) {
    enter(transition->then);
  } else {
    enter(transition->on_failure, result.error().message);
  }
  return result;
}

void Controller::enter(BridgeState state, std::string reason) {
  const std::string_view name = to_text(state);
  const std::array fields{LogField{"kafka_events.state", name}};
  if (state == BridgeState::failed) {
    log_.write(LogLevel::error, component, "failed: " + reason, fields);
  } else {
    log_.write(LogLevel::info, component, name, fields);
  }
  const std::scoped_lock lock(mutex_);
  state_ = state;
  reason_ = std::move(reason);
}

}  // namespace kafka_events::admin
