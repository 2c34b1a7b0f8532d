// All running parts of one configuration, built in order and stopped in reverse:
//
//   senders ◄── outbound pipeline ◄── bus ◄── inbound pipelines ◄── consumers
//      ▲                               └──► dead-letter writer ──► a producer of its own
//      └─ in a transaction of the record that caused the event: the producer of an exactly_once worker
//
//   auto bridge = Bridge::create(settings, bus, log);   // starts nothing
//   bridge.value()->start();                            // returns at once, with or without a broker
//   bridge.value()->stop(deadline);                     // may be followed by start()
//   bridge.value()->unsubscribe();                      // for good
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "admin/service.h"
#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "host/lifecycle.h"
#include "inbound/dead_letter_desk.h"
#include "inbound/dead_letter_writer.h"
#include "inbound/pipeline.h"
#include "inbound/transaction_scope.h"
#include "kafka/consumer.h"
#include "kafka/consumer_watchdog.h"
#include "kafka/producer.h"
#include "kafka/transactional_producer.h"
#include "outbound/pipeline.h"
#include "plugin/senders.h"
#include "plugin/services.h"
#include "telemetry/figures.h"

namespace kafka_events {

class Bridge final : public admin::BridgeService {
 public:
  using Clock = std::chrono::steady_clock;

  /// Bus and log must outlive it. Fails with what is wrong with a route or a worker, by name.
  static Result<std::unique_ptr<Bridge>> create(config::Settings settings, EventBus& bus, Log& log);
  /// Stops what still runs, within a second.
  ~Bridge() override;
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  Result<void> start() override;
  /// Consumers first, so that what their last records cause still leaves; then the producer, to the deadline. The
  /// outbound pipeline stays subscribed: events that come now are answered as undeliverable.
  Result<admin::StopCounts> stop(std::chrono::steady_clock::time_point deadline) override;
  /// No event comes in any more. After stop().
  void unsubscribe();

  [[nodiscard]] admin::StatusView status() const override;
  [[nodiscard]] admin::ConfigurationView configuration() const override;
  [[nodiscard]] Explanation explain(const Event& event) const override { return outbound_->explain(event); }

  // bridge_operations.cpp
  Result<void> command(const std::string& worker, ConsumerCommand command,
                       std::chrono::steady_clock::time_point deadline, admin::CommandAnswer answer) override;
  Result<void> topics(const admin::TopicCall& call) override { return call(services_->topics()); }
  Result<void> list_dead_letters(DeadLetterQuery query, std::chrono::steady_clock::time_point deadline,
                                 admin::ListAnswer answer) override;
  Result<void> redrive(RedriveRequest request, std::chrono::steady_clock::time_point answer_by,
                       admin::RedriveAnswer answer) override;
  [[nodiscard]] std::optional<RedriveReport> last_redrive() const override { return desk_->last_redrive(); }
  [[nodiscard]] std::vector<std::string> worker_names() const override;

  // bridge_handover.cpp: from one version to the next, as core/handover.h has it. [lifecycle thread, no command runs]

  /// The clients that it has, or would have once it is started.
  [[nodiscard]] ClientKeys clients() const;
  /// Connects, ahead of take_over(), those clients that will not come from the other version, which has `other`.
  Result<void> prepare(const ClientKeys& other);
  /// Takes no more records; waits until all that it took are done. On failure it goes on as before.
  Result<void> quiesce(Clock::time_point deadline);
  void resume();
  /// After quiesce(). Nothing of it runs any more, and nothing is subscribed; on failure it is quiesced as before.
  Result<Handover> suspend(const SuspendRequest& request, Deposits& deposits);
  /// Starts where the other version stopped, and is quiesced until resume(). On failure nothing runs, and what was
  /// withdrawn is deposited again.
  Result<void> take_over(const Handover& from, Deposits& deposits);
  /// For a version that takes over while an operator has stopped the bridge: events are answered as undeliverable.
  Result<void> stay_stopped(const Handover& from);

  /// Whether the parts can do their work; for a bridge that was started. [any thread]
  [[nodiscard]] host::HealthReport health() const;
  /// [any thread]
  [[nodiscard]] telemetry::Figures figures() const;

 private:
  /// One way in. The pipeline must outlive the consumer; what it is committed with outlives both.
  struct Worker {
    std::unique_ptr<TransactionalProducer> transactions;  // null unless it is exactly_once, as the scope
    std::unique_ptr<TransactionScope> scope;
    std::unique_ptr<InboundPipeline> pipeline;  // null: `handler` is somebody else's, the reader of answers
    RecordHandler* handler = nullptr;
    std::unique_ptr<Consumer> consumer;
    std::chrono::milliseconds slow_handler{0};

    [[nodiscard]] InboundStatistics statistics() const {
      return pipeline ? pipeline->statistics() : InboundStatistics();
    }
  };

  Bridge(config::Settings settings, EventBus& bus, Log& log) : settings_(std::move(settings)), bus_(bus), log_(log) {}
  Result<void> build();
  Result<void> build_dead_letters();
  Result<void> build_desk();
  Result<void> build_worker(const config::WorkerSettings& settings);
  Result<void> build_replies();
  Result<void> add_consumer(Worker&& worker, const config::WorkerSettings& settings);
  Result<void> build_transactions(const config::WorkerSettings& settings, Worker& worker);
  Result<void> start_parts(const Handover* from, Deposits* deposits);
  Result<void> start_worker(const Worker& worker, const WorkerHandover* from, Deposits* deposits);
  void watch_workers();
  Result<WorkerHandover> suspend_worker(const Worker& worker, const SuspendRequest& request, Deposits& deposits);
  Result<void> suspend_parts(Handover& handover, const SuspendRequest& request, Deposits& deposits);
  static Result<void> quiesce_again(const Worker& worker, const SuspendRequest& request);
  void seed(const Handover& from);
  bool stop_consumers(std::chrono::steady_clock::time_point deadline);
  void stop_dead_letters(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] std::string why_not_reachable(std::string_view servers, const std::string& cause) const;

  const config::Settings settings_;
  EventBus& bus_;
  Log& log_;
  std::atomic<bool> running_{false};

  // In the order of construction; the last one goes first.
  std::unique_ptr<Services> services_;
  std::unique_ptr<Senders> senders_;
  OpenTransactions open_transactions_;
  std::unique_ptr<OutboundPipeline> outbound_;
  bool subscribed_ = false;  // control thread
  std::unique_ptr<Producer> dead_letter_producer_;
  std::unique_ptr<DeadLetterWriter> dead_letters_;  // none unless a worker writes dead letters
  std::vector<Worker> workers_;
  ConsumerWatchdog watchdog_;
  std::unique_ptr<Producer> redrive_producer_;
  std::unique_ptr<DeadLetterDesk> desk_;
};

/// What is wrong with a worker's handlers, for a person; empty if nothing is.
struct HandlerTrouble {
  std::string warning;
  bool stands_still = false;  ///< because of it, no record of the worker goes on
};
[[nodiscard]] HandlerTrouble handler_trouble(const ConsumerStatus& consumer, const InboundStatistics& pipeline,
                                             std::chrono::milliseconds limit);

[[nodiscard]] admin::PartitionView view_of(const PartitionStatus& partition);

/// How a property may be shown.
[[nodiscard]] std::string shown(const config::Property& property);

}  // namespace kafka_events
