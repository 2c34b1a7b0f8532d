// The one state machine of the bridge, and the one thread that moves it: start and stop from HTTP and from the host
// queue up here, so that no two of them ever overlap.
//
//            start                       start
//   stopped ──────► starting ──► running ──────► (nothing to do)
//      ▲               │            │ stop
//      │               ▼            ▼
//      └── draining ◄─ failed   draining ──► stopped
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "admin/service.h"
#include "core/ports.h"
#include "core/result.h"

namespace kafka_events::admin {

enum class BridgeState : std::uint8_t { stopped, starting, running, draining, failed };
[[nodiscard]] std::string_view to_text(BridgeState state) noexcept;

enum class Command : std::uint8_t { start, stop };

class Controller {
 public:
  static constexpr std::size_t max_waiting = 8;
  using Deadline = std::chrono::steady_clock::time_point;
  /// How a command ended; of a start the counts are empty. Called once, on the control thread or on that which calls
  /// close(); must not block.
  using Done = std::function<void(const Result<StopCounts>&)>;

  Controller(BridgeService& service, Log& log) : service_(service), log_(log) {}
  /// Ends the thread; open() and close() are for one thread.
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  /// Starts the thread "kfk-control"; commands are taken from now on.
  Result<void> open();
  /// Answers what still waits with an error, lets a running command end and joins the thread. Idempotent. The bridge
  /// stays in the state that it has.
  void close();
  /// The bridge was started or given up by a handover, not by a command. While closed.
  void set(BridgeState state) { enter(state); }

  /// Queues a command; one that is not begun by its deadline is not begun at all. `done` is called exactly once if this
  /// succeeds, not at all if it fails: `busy` when max_waiting are queued, `state` when the controller is closed.
  Result<void> submit(Command command, Deadline deadline, Done done);
  /// The same, and waits for the end. Not on the control thread.
  Result<StopCounts> run(Command command, Deadline deadline);

  [[nodiscard]] BridgeState state() const;  ///< [any thread]
  /// Why it failed; empty in any other state. [any thread]
  [[nodiscard]] std::string reason() const;

 private:
  struct Job {
    Command command;
    Deadline deadline;
    Done done;
  };
  void serve();
  Result<StopCounts> perform(const Job& job);
  void enter(BridgeState state, std::string reason = {});

  BridgeService& service_;
  Log& log_;
  std::thread thread_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool open_ = false;
  BridgeState state_ = BridgeState::stopped;
  std::string reason_;
};

}  // namespace kafka_events::admin
