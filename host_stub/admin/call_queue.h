// One named worker thread with a bounded queue of jobs.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"

namespace host_stub {

/// All functions may be called from any thread, but start() and stop() from one at a time.
class CallQueue {
 public:
  using Job = std::function<void()>;  ///< must not throw

  /// `thread_name` has at most 15 characters.
  CallQueue(std::string thread_name, std::size_t capacity);
  ~CallQueue();  ///< stop(1 s)
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  Result<void> start();

  /// False: the queue is full, or not started, or stopped; the job will not run.
  bool post(Job job);

  /// For a job that goes on in a further step: goes to the end of the queue, whatever its length. False: stopped.
  bool post_next_step(Job job);

  /// Drops the jobs that did not begin, and joins. False: a job still runs at the deadline; its thread is left to end
  /// by itself. Must not be called from a job.
  bool stop(std::chrono::milliseconds deadline);

 private:
  struct State;
  bool push(Job job, std::size_t capacity);

  std::string thread_name_;
  std::size_t capacity_;
  std::shared_ptr<State> state_;  // shared with the thread, which may be left behind
};

}  // namespace host_stub
