// Records that did not succeed, on the consumer thread: tried again with a growing pause, and given up as the settings
// say.
//
//   undecided ─────────────────► wait ──► publish again
//   failed ──► attempts left ──► wait ──► publish again
//      └─────► none left ──► skip: the offset moves on
//                       ├──► dead_letter: the offset moves on when the broker has acknowledged it; else retry, then
//                       stop └──► stop: the partition rests for good, uncommitted
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"
#include "inbound/dead_letters.h"
#include "inbound/offset_tracker.h"
#include "inbound/statistics.h"

namespace kafka_events {

class Failures {
 public:
  using Clock = std::chrono::steady_clock;
  /// Publishes a record again for its handlers. Its completion, or its failure, comes back to add().
  using Publish = std::function<void(FailedRecord&& failed, std::uint32_t attempts)>;

  /// What trying again can change.
  enum class Hope : std::uint8_t { retry, none };

  /// Everything given must outlive this object. `dead_letters` may be null unless the settings need it.
  Failures(const config::WorkerSettings& settings, std::string_view topic_prefix, EventBus& bus,
           DeadLetterSink* dead_letters, Log& log)
      : settings_(settings), prefix_(topic_prefix), bus_(bus), dead_letters_(dead_letters), log_(log) {}

  // ---- Consumer thread ----
  /// It cannot be decoded yet: it is tried again soon, as long as that takes, and its partition rests meanwhile. That is
  /// no attempt.
  void wait_for_schema(FailedRecord&& failed, std::string_view reason, Clock::time_point now);
  /// A record that came through too many agents; its offset moves.
  void end_loop(const std::string& record);
  void add(FailedRecord&& failed, Hope hope, Clock::time_point now);
  /// One of the partition's records can't be handled: it rests from now on.
  void stop(OffsetTracker& tracker, const std::string& record, std::string_view reason);
  /// Does what is due.
  void turn(Clock::time_point now, const Publish& publish);
  /// The partition was taken away: its records are left uncommitted.
  void forget(const TopicPartition& partition);

  // ---- From one version of the module to another; consumer thread, or while there is none ----
  /// A record that another version of the module has tried already.
  void wait(FailedRecord&& failed, Clock::time_point due);
  /// Adds what waits of this partition, in order.
  void hand_over(PartitionHandover& to, Clock::time_point now) const;
  void take_over(const InboundStatistics& counts);
  /// The partition rests already.
  void stopped_before(const TopicPartition& partition);

  /// [any thread]
  void add_to(InboundStatistics& statistics) const;

 private:
  struct Waiting {
    FailedRecord failed;
    Clock::time_point due;
  };

  void tell_undecided();
  void give_up(FailedRecord&& failed, Clock::time_point now);
  void skip(FailedRecord&& failed);
  void write_dead_letter(FailedRecord&& failed, std::uint32_t attempts, Clock::time_point now);
  void log_given_up(std::string_view what, const std::string& record, std::string_view reason);

  const config::WorkerSettings& settings_;
  const std::string prefix_;
  EventBus& bus_;
  DeadLetterSink* const dead_letters_;
  Log& log_;

  std::vector<Waiting> waiting_;  // bounded: a partition with one of these rests, so only what was in flight follows
  Clock::time_point log_second_{};
  std::uint32_t logged_ = 0;
  std::uint64_t not_logged_ = 0;
  std::uint64_t told_undecided_ = 0;  // as counts_.waiting_for_schema says

  mutable std::mutex mutex_;  // guards what follows
  InboundStatistics counts_;  // those that are counted here
};

}  // namespace kafka_events
