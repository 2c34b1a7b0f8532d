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
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "kafka/producer.h"
#include "kafka/producer_properties.h"
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
  ///
  /// `from`: what another version's suspend() gave. Clients that it has deposited are gone on with; its outbox must be closed,
  /// which it is. On failure what was withdrawn is deposited again.
  Result<void> start(DeliveryListener& listener, const SendersHandover* from = nullptr, Deposits* deposits = nullptr);

  /// The clients that it runs, or would run, by the names of producers(). Starts nothing. [control thread]
  [[nodiscard]] ClientKeys clients() const;

  /// Connects the clients that `other` does not have as they are here, up to a second for each; not that of exactly_once,
  /// before which the outbox stands. [control thread, stopped]
  void prepare(const ClientKeys& other);

  /// Gives everything up, for another version to go on: clients that both have are deposited with all that is in flight, the
  /// others are ended when everything was reported; the outbox is closed. Nobody may send meanwhile. On failure (something
  /// was not reported by the deadline, a transaction did not end, records are just being taken back) it is as if never
  /// asked; else it is stopped. [control thread]
  Result<SendersHandover> suspend(const SuspendRequest& request, Deposits& deposits);

  /// After a start() with deposits, when something else cannot start: stops, and deposits again what had been withdrawn. What
  /// was sent meanwhile gets two seconds to be acknowledged, so that the version before does not send it once more.
  /// [control thread]
  void give_back(Deposits& deposits);

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

  static constexpr std::string_view at_least_once_name = "producer";
  static constexpr std::string_view at_most_once_name = "producer.at_most_once";
  static constexpr std::string_view exactly_once_name = "producer.exactly_once";

  [[nodiscard]] static ProducerRole role_of(const config::Settings& settings, config::Qos qos);
  Result<void> build();
  [[nodiscard]] bool has_route(config::Qos qos) const;
  [[nodiscard]] bool outbox_on() const { return settings_.outbox.mode != config::OutboxMode::off; }
  using Undo = std::vector<std::function<void()>>;

  Result<void> open_store(bool closed_in_order);
  Result<void> start_parts(DeliveryListener& listener, const SendersHandover& from, Deposits* deposits);
  Result<void> start_at_least_once(DeliveryListener& listener, const SendersHandover& from, Deposits* deposits);
  Result<void> start_transactions(DeliveryListener& listener, const SendersHandover& from, Deposits* deposits);

  // Change of hands (senders_handover.cpp).
  [[nodiscard]] std::string outbox_name() const;
  [[nodiscard]] std::string transactions_of() const;
  [[nodiscard]] ClientKey transactions_key() const;
  Result<void> suspend_parts(const SuspendRequest& request, Deposits& deposits, SendersHandover& to, Undo& undo);
  Result<void> suspend_transactions(const SuspendRequest& request, Deposits& deposits, SendersHandover& to, Undo& undo);
  Result<void> suspend_at_least_once(const SuspendRequest& request, Deposits& deposits, SendersHandover& to,
                                     Undo& undo);
  Result<void> suspend_at_most_once(const SuspendRequest& request, Deposits& deposits, SendersHandover& to, Undo& undo);
  void restart(Producer& producer, DeliveryListener& listener, OnLoss on_loss, const ProducerHandover& from,
               Deposits& deposits);
  void close_store();
  void wait_until_sent(Deadline deadline) const;
  [[nodiscard]] std::uint64_t waiting() const;
  [[nodiscard]] End totals() const;

  const config::Settings& settings_;
  EventBus& bus_;
  Log& log_;

  DeliveryListener* listener_ = nullptr;  // of the newest start()
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
