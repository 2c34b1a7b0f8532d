// The transactional producer (KIP-98, KIP-447): records, and offsets of a consumer group, that read_committed consumers
// see together or not at all.
//
//   auto settled = settings_for(settings.producer, {.qos = config::Qos::exactly_once, .transactional_id = "agent-7"});
//   auto producer = TransactionalProducer::create(settled.settings, log);
//   producer.value()->start(listener);
//   while (producer.value()->prepare(in(10s)).state == TransactionState::again) …
//   producer.value()->begin();
//   producer.value()->send(…);                                            // any thread
//   producer.value()->commit(offsets, group_metadata, in(10s));           // and as its answer says
//
// A commit whose answer did not come is undecided, and only the coordinator knows: commit() answers `again`, and the same
// call again, in this process, brings the decision (the coordinator takes a second EndTxn as the first one). If the process
// or the client ends before, the decision shows in what was committed with it: prepare() ends the open transaction one way
// or the other, and after that committed_position() is the position of this transaction if it was committed, and the one
// before if not. (Ask between prepare() and begin(): at other times the broker may not know yet what it decided.) So
// offsets are what makes a transaction recoverable: commit none without.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "config/settings.h"
#include "core/handover.h"
#include "core/transaction.h"
#include "kafka/connection_probe.h"
#include "kafka/producer.h"
#include "kafka/recent_errors.h"
#include "kafka/send_path.h"

namespace kafka_events {

/// Its steps block until the deadline they are given, and for socket.timeout.ms more when a broker is frozen; run them on a
/// thread of their own.
///
/// After a transaction with a record that the broker refused, the next one may need a second attempt (`abort`, with records
/// that failed as transient): librdkafka learns only then that its sequence numbers have a gap.
///
/// `fenced` and a transaction that its coordinator aborted for its age come as the same error (KIP-588 has no other one in
/// these versions of the requests). So a transaction that is older than transaction.timeout.ms gives `renew`; a client that
/// was in truth fenced, and slept for so long, thereby fences the other one.
class TransactionalProducer final : public TransactionalSink {
 public:
  /// Checks the properties; starts and connects nothing. `log` must outlive it. `settings` has a transactional.id, see
  /// producer_properties.h. `bound_to`: stands for the transactional.id in its key, if that follows from it, such as the
  /// outbox whose id it contains.
  static Result<std::unique_ptr<TransactionalProducer>> create(const config::ProducerSettings& settings, Log& log,
                                                               std::string oauth_token_file = {},
                                                               const std::string& bound_to = {});
  /// As its key(), without making one.
  [[nodiscard]] static ClientKey key_of(std::string name, const config::ProducerSettings& settings,
                                        const std::string& oauth_token_file, const std::string& bound_to);

  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;
  ~TransactionalProducer() override;

  /// Creates the client and its delivery thread; returns without waiting for a broker. `listener` must outlive stop().
  /// Topics keep their ids over stop, start and renewals. [lifecycle thread, stopped]
  ///
  /// `from`: what another version's suspend() gave. Its client is withdrawn, and is between transactions: prepare() has
  /// nothing to do, nobody is fenced. On failure the client is deposited again.
  Result<void> start(DeliveryListener& listener, const ProducerHandover* from = nullptr, Deposits* deposits = nullptr);

  [[nodiscard]] ClientKey key(std::string name) const;  ///< as Producer's [lifecycle thread]

  /// As Producer's, between two transactions: fails at once if one is open or undecided. No step may be running, nor come. A
  /// client that has not been prepared is ended in any case. [lifecycle thread]
  Result<ProducerHandover> suspend(std::string name, const SuspendRequest& request, Deposits& deposits);
  /// Refuses records from now on, aborts an open transaction if the coordinator answers in time, reports what is in flight
  /// as failed, ends thread and client. Idempotent. No step may be running. [lifecycle thread]
  void stop(Deadline deadline);

  Result<TopicId> open_topic(std::string_view name) override { return path_.open_topic(name); }
  /// Between begin() and commit() or abort(); refused elsewhere, full while the client is being renewed.
  SendStatus send(const OutboundRecord& record) noexcept override { return path_.send(record); }
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override {
    return path_.explain(status, record);
  }

  TransactionStep prepare(Deadline deadline) override;
  TransactionStep begin() override;
  TransactionStep commit(std::span<const TransactionOffset> offsets, std::string_view group_metadata,
                         Deadline deadline) override;
  TransactionStep abort(Deadline deadline) override;
  [[nodiscard]] std::string plain_group_metadata(std::string_view group) const override;
  Result<std::int64_t> committed_position(std::string_view group, Deadline deadline) override;

  [[nodiscard]] bool connected() const noexcept { return probe_.connected(); }  ///< as Producer's [any thread]
  [[nodiscard]] std::uint64_t in_flight() const { return path_.in_flight(); }   ///< [any thread]
  [[nodiscard]] ProducerStatus status() const;                                  ///< [any thread]

 private:
  using Session = SendPath::Session;
  using Clock = std::chrono::steady_clock;
  /// How far the transaction is; a step that is asked again goes on from there.
  enum class Phase : std::uint8_t {
    unprepared,    ///< the client is new or gone
    ready,         ///< between transactions
    open,          ///< records may be sent
    offsets_sent,  ///< its offsets are part of it
    committing,    ///< the coordinator may have been asked to commit
    aborting,      ///< the coordinator may have been asked to abort
  };

  TransactionalProducer(const config::ProducerSettings& settings, std::string oauth_token_file, std::string bound_to,
                        Log& log);

  Result<void> open_client();
  Result<void> run_with(const Session& session, std::span<const std::string> topics);
  void end_thread(const Session& session);

  // Change of hands (transactional_handover.cpp).
  Result<void> take_over(rd_kafka_t* client, const ProducerHandover& from, Deposits& deposits);
  Result<ProducerHandover> leave_client(const ClientKey& own, Deposits& deposits);
  [[nodiscard]] ProducerHandover state(const std::string& name) const;
  void seed(const Counters& counters);
  void close_client(SendStatus answer, Deadline deadline);
  void enter(Phase phase);
  [[nodiscard]] bool undecided_for_too_long() const;
  [[nodiscard]] bool coordinator_may_have_given_up() const;
  TransactionStep end_undecided(std::string_view step);
  TransactionStep conclude(const rd_kafka_error_t* error, std::string_view step);
  TransactionStep conclude_fatal(rd_kafka_resp_err_t code, std::string message);
  TransactionStep wait_for_reports(const Session& session, Deadline deadline);
  TransactionStep send_offsets(const Session& session, std::span<const TransactionOffset> offsets,
                               std::string_view group_metadata, Deadline deadline);
  TransactionStep end_commit(const Session& session, Deadline deadline);

  // The delivery thread.
  void run(const Session& session);
  void serve(const Session& session, int timeout_ms);

  const config::ProducerSettings settings_;
  const std::string oauth_token_file_;
  const std::string bound_to_;
  RecentErrors errors_;
  RecentErrors client_log_;
  Log& log_;
  ConnectionProbe probe_;
  SendPath path_;

  DeliveryListener* listener_ = nullptr;  // null: stopped
  std::thread thread_;                    // one per client
  std::atomic<bool> ending_{false};       // the client is being closed
  Phase phase_ = Phase::unprepared;
  Clock::time_point phase_since_{};
  std::chrono::microseconds begun_{0};  // the transaction, by the clock that goes on while the machine sleeps
  Clock::time_point next_client_{};     // not before

  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> failed_in_transaction_{0};
  std::atomic<std::uint64_t> recreated_{0};
};

}  // namespace kafka_events
