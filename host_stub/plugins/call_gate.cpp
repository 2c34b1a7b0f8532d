// Counts who is inside.
#include "plugins/call_gate.h"

namespace host_stub {

bool CallGate::enter() {
  const std::lock_guard lock(mutex_);
  if (open_) ++inside_;
  return open_;
}

void CallGate::leave() {
  const std::lock_guard lock(mutex_);
  if (--inside_ == 0) left_.notify_all();
}

bool CallGate::close(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  open_ = false;
  return left_.wait_until(lock, deadline, [&] { return inside_ == 0; });
}

}  // namespace host_stub
