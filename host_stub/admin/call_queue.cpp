// The worker thread.
#include "admin/call_queue.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>
#include <utility>

#include "agent_plugin/status.h"

namespace host_stub {

struct CallQueue::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;  // guarded by mutex, as is all below
  bool running = false;
  bool ended = true;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return !running || !jobs.empty(); });
      if (!running) break;
      Job job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;  // what it holds goes before the next one, and outside the lock
      lock.lock();
    }
    ended = true;
    changed.notify_all();
  }
};

CallQueue::CallQueue(std::string thread_name, std::size_t capacity)
    : thread_name_(std::move(thread_name)), capacity_(capacity), state_(std::make_shared<State>()) {}

CallQueue::~CallQueue() { stop(std::chrono::seconds(1)); }

Result<void> CallQueue::start() {
  const std::lock_guard lock(state_->mutex);
  if (state_->running) return {};
  if (!state_->ended) return Failure{AGENT_E_STATE, "the worker " + thread_name_ + " has not ended yet"};
  try {
    state_->thread = std::thread([state = state_, name = thread_name_] {
      pthread_setname_np(pthread_self(), name.c_str());
      state->run();
    });
  } catch (const std::system_error& error) {
    return Failure{AGENT_E_FAILED, "cannot start the thread " + thread_name_ + ": " + error.what()};
  }
  state_->running = true;
  state_->ended = false;
  return {};
}

bool CallQueue::post(Job job) { return push(std::move(job), capacity_); }

bool CallQueue::post_next_step(Job job) { return push(std::move(job), std::numeric_limits<std::size_t>::max()); }

bool CallQueue::push(Job job, std::size_t capacity) {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->running || state_->jobs.size() >= capacity) return false;
    state_->jobs.push_back(std::move(job));
  }
  state_->changed.notify_one();
  return true;
}

bool CallQueue::stop(std::chrono::milliseconds deadline) {
  std::deque<Job> dropped;
  std::unique_lock lock(state_->mutex);
  state_->running = false;
  dropped.swap(state_->jobs);
  state_->changed.notify_all();
  const bool ended = state_->changed.wait_for(lock, deadline, [this] { return state_->ended; });
  std::thread thread = std::move(state_->thread);
  lock.unlock();
  if (!thread.joinable()) return ended;
  if (ended) {
    thread.join();
  } else {
    thread.detach();
  }
  return ended;
}

}  // namespace host_stub
