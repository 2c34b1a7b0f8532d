// A thread that runs one piece of work at a time, with a deadline, such as the lifecycle thread of all plugins,
// "plugin-control". Work that does not end in time keeps the thread; it is left behind, and the next piece gets a new
// one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace host_stub {

/// Used by one thread.
class ControlThread {
 public:
  /// `name` is the thread's: at most 15 characters, a constant.
  explicit ControlThread(const char* name = "plugin-control") : name_(name) {}
  ~ControlThread();  ///< joins, unless it was left behind
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  /// True: `work` was done. False: the deadline passed while it ran, and it may still run: it must own (share) all that
  /// it touches. `work` must not throw. Throws std::system_error if no thread can be made.
  [[nodiscard]] bool run(std::function<void()> work, std::chrono::steady_clock::time_point deadline);

 private:
  class Worker;
  const char* const name_;
  std::shared_ptr<Worker> worker_;
};

}  // namespace host_stub
