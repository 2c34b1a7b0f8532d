// The consumer of one worker: a thread that polls, hands records to a RecordHandler and stores the offsets it is told.
//
//   auto consumer = Consumer::create(worker_settings, log);
//   consumer.value()->start(pipeline);       // returns at once; a broker that is away is tried for ever
//   …
//   consumer.value()->stop(deadline);        // drains, commits, leaves the group
//
// From one version of the module to another (core/handover.h), each with a consumer of its own:
//
//   old   quiesce(deadline) ─► suspend(request, deposits): a record, the client deposited, if the other one has its key
//   new   prepare(), if it has not ─► start(pipeline, &record, &deposits)
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "core/consumer_command.h"
#include "core/handover.h"
#include "core/ports.h"
#include "kafka/consumer_preparation.h"
#include "kafka/recent_errors.h"

namespace kafka_events {

enum class ConsumerState : std::uint8_t {
  stopped,
  connecting,  ///< no broker has answered yet
  joining,     ///< waiting for the group's assignment
  running,     ///< assigned, perhaps nothing
  failed,      ///< gave up; reason says why; only stop() and start() help
};
[[nodiscard]] std::string_view to_text(ConsumerState state) noexcept;

/// Offsets are -1 where they are not known.
struct PartitionStatus {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t position = -1;   ///< the next record to be taken from Kafka
  std::int64_t watermark = -1;  ///< all records below are done
  std::int64_t committed = -1;  ///< as the broker has acknowledged
  std::int64_t high = -1;       ///< the end of the partition
  std::int64_t lag = -1;        ///< records between the watermark (or the position) and the end
  bool paused = false;          ///< rests, for whatever reason
  bool held = false;            ///< an operator paused it
};

struct ConsumerStatus {
  std::string worker;
  std::string group;
  ConsumerState state = ConsumerState::stopped;
  std::string reason;  ///< of failed, for a person
  std::string member_id;
  std::vector<std::string> subscription;  ///< as configured
  std::vector<PartitionStatus> assignment;
  bool connected = false;     ///< a broker answered, and nothing since says that all are away
  bool paused = false;        ///< rests because too much is in flight
  std::uint64_t records = 0;  ///< taken from Kafka since creation
  std::uint64_t rebalances = 0;
  std::uint64_t not_handed_over = 0;  ///< at_most_once: records whose commit had no answer when their partition went
  std::chrono::milliseconds since_turn{0};  ///< since the thread last came round; large: it is stuck
  std::vector<RecentError> last_errors;     ///< newest first
  bool held = false;                        ///< an operator paused the whole worker
  std::chrono::milliseconds in_handler{0};  ///< its thread has been inside a handler since; 0: it is not, or just came
};

/// How a command ended: the partitions that it was for, as they are now. Called once, on the consumer's thread or on
/// that which ends it or watches it; must not block or throw.
using CommandDone = std::function<void(const Result<std::vector<PartitionStatus>>& partitions)>;

class ConsumerLoop;

class Consumer final {
 public:
  /// Checks the settings; starts and connects nothing. `log` must outlive the consumer.
  /// `oauth_token_file` is Settings::oauth_token_file, or empty.
  static Result<std::unique_ptr<Consumer>> create(const config::WorkerSettings& settings, Log& log,
                                                  std::string oauth_token_file = {});

  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();

  /// Creates the client and the thread, waits for nothing. `handler` must outlive stop(). Topics that appeared since
  /// the first start are read from their beginning, also if that was while stopped. With `from`, what another version
  /// handed over, it goes on there: with that one's client out of `deposits`, if it is among them (if this fails it is
  /// there again), else as soon as the group has assigned its partitions to it; and it is quiesced until resume().
  /// [lifecycle thread, stopped]
  Result<void> start(RecordHandler& handler, const WorkerHandover* from = nullptr, Deposits* deposits = nullptr);

  /// Asks the thread to end, so that several consumers drain side by side; stop() then waits. [lifecycle thread]
  void begin_stop(std::chrono::steady_clock::time_point deadline);

  /// Takes no more records, waits for those in flight, commits, leaves the group and ends the client. At the deadline
  /// it hurries: that takes up to two seconds more. False: something had to be left behind, which is either a client
  /// that ends by itself when the last record of it is released, or a stuck thread. Idempotent. [lifecycle thread]
  bool stop(std::chrono::steady_clock::time_point deadline);

  /// The thread hangs in the handler and was left behind: neither handler nor module may be taken away. [lifecycle
  /// thread]
  [[nodiscard]] bool thread_stuck() const noexcept { return stuck_; }

  // ---- From one version of the module to another ----

  /// "worker.NAME", of its client, or of the one that it would make; no digest: none can be made. [lifecycle thread]
  [[nodiscard]] ClientKey key() const;
  /// Makes a client for the next start(), and connects it in the background; joins nothing. Ends with start(), stop() or
  /// this object. Fails as start() does. [lifecycle thread, stopped]
  Result<void> prepare();
  /// Asks its thread to take nothing more, so that several consumers quiesce side by side. [lifecycle thread]
  void begin_quiesce(std::chrono::steady_clock::time_point deadline);
  /// Waits until nothing that it took is under way: no handler runs, no completion or dead letter is missing, no transaction
  /// is open; records that wait to be tried again go on waiting. It stays a member of its group; the group's rebalances
  /// wait, so go on within seconds. `timeout`: it goes on as before, and the message says what was missing; what was
  /// never started has nothing under way. [lifecycle thread]
  Result<void> quiesce(std::chrono::steady_clock::time_point deadline);
  /// Takes records again. Idempotent. [lifecycle thread]
  void resume();
  /// Gives everything up, quiesced: what start() of the other version needs. The client is deposited if the other version
  /// has the same key; else it commits, leaves the group in order and ends, if need be in the background. On failure it is
  /// quiesced as before, unless the message says that its thread hangs. No watchdog may look at it. [lifecycle thread]
  Result<WorkerHandover> suspend(const SuspendRequest& request, Deposits& deposits);

  [[nodiscard]] ConsumerStatus status() const;         ///< [any thread]
  [[nodiscard]] ConsumerState state() const noexcept;  ///< [any thread]
  [[nodiscard]] bool connected() const noexcept;       ///< [any thread]

  /// Has the consumer's thread do it between two records. `done` is called exactly once if this succeeds: with an error
  /// `state` where the partition is not assigned, `invalid` where it has no such offset, `timeout` at the deadline. Fails
  /// with `state` when it is not running, `busy` when too many are waiting. An operator's pause is kept for the life of
  /// this object, whoever is assigned what. [any thread]
  Result<void> command(ConsumerCommand command, std::chrono::steady_clock::time_point deadline, CommandDone done);
  /// Keeps the membership of a thread that is inside a handler for too long, and reports it. [watchdog thread]
  void watch();

 private:
  explicit Consumer(std::shared_ptr<ConsumerLoop> loop);
  [[nodiscard]] Result<void> check_stopped() const;
  Result<void> start_thread();
  std::shared_ptr<ConsumerLoop> loop_;
  ConsumerPreparation preparation_;
  std::thread thread_;
  bool stuck_ = false;
};

}  // namespace kafka_events
