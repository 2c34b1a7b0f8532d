// The ways out: a producer for each guarantee that some route asks for, and the outbox before those that need it.
//
//   at_most_once  ─────────────────────────► producer (acks 0 or 1, no retry)
//   at_least_once ──► outbox (if there is) ─► producer (idempotent)
//   exactly_once  ──► outbox ──────────────► producer (transactions)
//
//   auto senders = Senders::create(settings, bus, log);      // starts nothing, opens nothing
//   OutboundPipeline::create(…, senders.value()->sinks(), …);
//   senders.value()->start(pipeline);  …  senders.value()->stop(deadline);
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"
#include "kafka/producer.h"
#include "kafka/transactional_producer.h"
#include "outbound/route_sinks.h"
#include "store/outbox.h"
#include "store/outbox_store.h"
#include "store/transactional_outbox.h"

namespace kafka_events {

class Senders {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// What became of the records that were not finished when stop() began.
  struct End {
    std::uint64_t delivered = 0;
    std::uint64_t undelivered = 0;
    std::uint64_t kept = 0;  ///< entries in the outbox
    bool in_time = true;
  };

  struct NamedStatus {
    std::string name;  ///< producer, producer.at_most_once, producer.exactly_once
    ProducerStatus status;
  };

  struct OutboxStatus {
    OutboxFigures figures;
    std::string mode;
    Outbox::Status at_least_once;
    TransactionalOutbox::Status exactly_once;
    bool transactional = false;  ///< some route is exactly_once
  };

  /// Properties that contradict a route's guarantee. Pure.
  [[nodiscard]] static std::vector<config::Problem> check(const config::Settings& settings);

  /// Settings, bus and log must outlive it.
  static Result<std::unique_ptr<Senders>> create(const config::Settings& settings, EventBus& bus, Log& log);
  ~Senders();
  Senders(const Senders&) = delete;
  Senders& operator=(const Senders&) = delete;

  [[nodiscard]] RouteSinks sinks(TransactionScopes* scopes) const;

  /// Opens the outbox and starts the producers; waits for no broker. On failure nothing runs. [control thread]
  Result<void> start(DeliveryListener& listener);
  /// Sends what there is, to the deadline; the outbox takes the rest, what it does not take is reported as failed.
  /// [control thread]
  End stop(Deadline deadline);

  [[nodiscard]] bool connected() const;                      ///< every producer that is needed [any thread]
  [[nodiscard]] bool fenced() const;                         ///< exactly_once was taken over [any thread]
  [[nodiscard]] std::vector<NamedStatus> producers() const;  ///< [any thread]
  [[nodiscard]] bool has_outbox() const noexcept { return outbox_ != nullptr || transactional_outbox_ != nullptr; }
  [[nodiscard]] OutboxStatus outbox_status() const;  ///< [any thread]

 private:
  Senders(const config::Settings& settings, EventBus& bus, Log& log) : settings_(settings), bus_(bus), log_(log) {}

  Result<void> build();
  [[nodiscard]] bool has_route(config::Qos qos) const;
  [[nodiscard]] bool outbox_on() const { return settings_.outbox.mode != config::OutboxMode::off; }
  Result<void> open_store();
  Result<void> start_parts(DeliveryListener& listener);
  Result<void> start_transactions(DeliveryListener& listener);
  void wait_until_sent(Deadline deadline) const;
  [[nodiscard]] std::uint64_t waiting() const;
  [[nodiscard]] End totals() const;

  const config::Settings& settings_;
  EventBus& bus_;
  Log& log_;

  std::unique_ptr<Producer> at_most_once_;
  std::unique_ptr<Producer> at_least_once_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<TransactionalOutbox> transactional_outbox_;

  // While started; shared with whoever asks for the status.
  mutable std::mutex mutex_;
  std::shared_ptr<OutboxStore> store_;
  std::shared_ptr<TransactionalProducer> transactions_;
};

}  // namespace kafka_events
