// Ctrl-C and its kin as something to wait for, without work in signal handlers.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "core/result.h"

namespace host_stub::cli {

/// Make it before any thread is started: SIGINT, SIGTERM and SIGHUP are blocked from then on, in threads made later
/// too, and read through a descriptor.
class StopSignals {
 public:
  static Result<std::unique_ptr<StopSignals>> create();
  ~StopSignals();  ///< they stay blocked: one that is pending must not end a program that is ending well
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  enum class Event { timed_out, stop, hang_up };
  /// Waits for a stop (a signal, or request()), a hang-up, or the time. One thread.
  Event wait(std::chrono::milliseconds timeout);

  /// Makes wait() return stop. From any thread; does not block.
  void request() noexcept;

  /// From now on the next SIGINT or SIGTERM ends the process at once, with 130 or 143. Within the first 50 ms it does
  /// not: whoever signals a process and its group (timeout(1), some supervisors) means one signal, not two.
  void arm_second() noexcept;

 private:
  StopSignals(int signals, int requests) noexcept;
  int signals_;
  int requests_;
};

}  // namespace host_stub::cli
