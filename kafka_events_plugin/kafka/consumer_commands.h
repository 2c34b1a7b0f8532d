// Commands of operators on their way to a consumer's thread, and what an operator's pause holds.
//
//   any thread ─submit─► queue ─take─► consumer thread (between two turns) ─► done(result)
//                          └─ expire: nobody came in time (the thread is inside a handler) ─► done(timeout)
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/consumer_command.h"
#include "core/handover.h"
#include "core/result.h"
#include "kafka/consumer.h"

namespace kafka_events {

class ConsumerCommands {
 public:
  static constexpr std::size_t max_waiting = 16;
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    ConsumerCommand command;
    Clock::time_point deadline;
    CommandDone done;
  };

  /// From now on commands are taken; until then, and after close(), they are refused with this reason. [lifecycle thread]
  void open();
  /// Answers what waits with `state` and the reason. [consumer thread]
  void close(const std::string& reason);

  /// `done` is called exactly once if this succeeds, not at all if it fails (`busy`, `state`). [any thread]
  Result<void> submit(ConsumerCommand command, Clock::time_point deadline, CommandDone done);
  /// What is due and still in time; what is not in time has been answered. Cheap when nothing waits. [consumer thread]
  [[nodiscard]] std::vector<Waiting> take(Clock::time_point now);
  /// Answers commands whose deadline has passed. [any thread]
  void expire(Clock::time_point now, const std::string& why);

  // ---- An operator's pause: kept when partitions or the whole consumer come and go ----

  void hold(const std::optional<TopicPartition>& partition);     ///< [consumer thread]
  void release(const std::optional<TopicPartition>& partition);  ///< [consumer thread]
  [[nodiscard]] bool holds(const TopicPartition& partition) const;
  [[nodiscard]] bool holds_all() const;
  [[nodiscard]] bool holds_any() const noexcept { return any_held_.load(std::memory_order_relaxed); }
  /// Adds those of `assigned` that an operator paused.
  void add_held(std::span<const TopicPartition> assigned, std::vector<TopicPartition>& paused) const;
  /// From one version of the module to another: held, and the exceptions as held_partitions. [lifecycle thread]
  void hand_over(WorkerHandover& to) const;
  void take_over(const WorkerHandover& from);

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Waiting> waiting_;
  std::string closed_because_ = "it is stopped";
  bool open_ = false;
  bool all_held_ = false;
  std::set<TopicPartition> exceptions_;  // held ones, or, if all are held, those that are not

  std::atomic<bool> any_waiting_{false};
  std::atomic<bool> any_held_{false};
};

}  // namespace kafka_events
