// The lifecycle thread of all plugins, "plugin-control": runs one piece of work at a time, with a deadline. Work that
// does not end in time keeps the thread; it is left behind, and the next piece gets a new one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace host_stub {

/// Used by one thread.
class ControlThread {
 public:
  ControlThread() = default;
  ~ControlThread();  ///< joins, unless it was left behind
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  /// True: `work` was done. False: the deadline passed while it ran, and it may still run: it must own (share) all that
  /// it touches. `work` must not throw. Throws std::system_error if no thread can be made.
  [[nodiscard]] bool run(std::function<void()> work, std::chrono::steady_clock::time_point deadline);

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace host_stub
