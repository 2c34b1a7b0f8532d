// Asks a thread to leave its loop at a point of the thread's own choice, and thinks better of it at a deadline: then the
// thread has not even noticed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace kafka_events {

class LeaveRequest {
 public:
  /// [the thread] Cheap.
  [[nodiscard]] bool asked() const noexcept { return state_.load() == State::asked; }
  /// [the thread] At a point where it may leave. True: somebody asks, and waits for it to end now.
  [[nodiscard]] bool leaves() noexcept {
    if (!asked()) return false;
    const std::lock_guard lock(mutex_);
    if (state_ != State::asked) return false;
    state_ = State::left;
    changed_.notify_all();
    return true;
  }

  /// [owner] `wake` gets the thread out of whatever it waits in. True: it leaves, join it. False: not by the deadline, and
  /// it goes on.
  template <class Wake>
  [[nodiscard]] bool ask(std::chrono::steady_clock::time_point deadline, const Wake& wake) {
    state_ = State::asked;
    wake();
    std::unique_lock lock(mutex_);
    const bool left = changed_.wait_until(lock, deadline, [this] { return state_ == State::left; });
    state_ = State::stays;
    return left;
  }

 private:
  enum class State : std::uint8_t { stays, asked, left };
  std::atomic<State> state_{State::stays};
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace kafka_events
