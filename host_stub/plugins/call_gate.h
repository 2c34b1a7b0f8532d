// Lets calls into a plugin through until it is closed, and tells who closes it when the last one is out.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace host_stub {

/// Any thread.
class CallGate {
 public:
  /// True: the call may be made, and leave() must follow.
  [[nodiscard]] bool enter();
  void leave();

  /// From now on nobody enters. True: nobody is inside any more; false: the deadline passed first.
  bool close(std::chrono::steady_clock::time_point deadline);

  /// One call: `if (CallGate::Pass pass(gate); pass) …`.
  class Pass {
   public:
    explicit Pass(CallGate& gate) : gate_(gate), inside_(gate.enter()) {}
    ~Pass() {
      if (inside_) gate_.leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const noexcept { return inside_; }

   private:
    CallGate& gate_;
    bool inside_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t inside_ = 0;  // guarded by mutex_
  bool open_ = true;        // likewise
};

}  // namespace host_stub
