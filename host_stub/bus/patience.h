// Waiting for something that takes microseconds as a rule: a little longer each time.
#pragma once

#include <chrono>
#include <thread>

namespace host_stub {

/// Handlers must not block, so mostly the first turns are enough.
class Patience {
 public:
  void wait() {
    if (++turns_ < 64) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(turns_ < 256 ? 50 : 500));
    }
  }

 private:
  unsigned turns_ = 0;
};

}  // namespace host_stub
