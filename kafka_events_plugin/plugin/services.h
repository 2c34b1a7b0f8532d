// What routes and workers may need beside Kafka's clients: schemas, answers to requests, limits of tenants, the only writers
// of topics, topic administration. Each is there only if the configuration asks for it; administration always is.
//
//   auto services = Services::create(settings, bus, log);     // starts nothing
//   OutboundPipeline::create(…, services.value()->outbound());
//   services.value()->start(pipeline, nullptr);  …  services.value()->stop(deadline);
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/services_view.h"
#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "inbound/inbound_parts.h"
#include "kafka/single_writer.h"
#include "kafka/topic_administrator.h"
#include "outbound/outbound_parts.h"
#include "plugin/ensured_topics.h"
#include "registry/schema_registry_client.h"
#include "requests/pending_requests.h"
#include "telemetry/services_figures.h"

namespace kafka_events {

class Services {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Settings, bus and log outlive it.
  static Result<std::unique_ptr<Services>> create(const config::Settings& settings, EventBus& bus, Log& log);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  [[nodiscard]] OutboundParts outbound() const;
  [[nodiscard]] InboundParts inbound() const;
  /// The worker that reads answers, and its handler; none, null: no route makes requests.
  [[nodiscard]] const std::optional<config::WorkerSettings>& reply_worker() const noexcept { return reply_worker_; }
  [[nodiscard]] RecordHandler* reply_reader() const noexcept { return requests_ ? &requests_->reader() : nullptr; }
  /// For outboxes, which complete events themselves.
  [[nodiscard]] EventBus& sender_bus() const noexcept { return tenant_bus_ ? *tenant_bus_ : bus_; }
  [[nodiscard]] TopicAdmin& topics() const noexcept { return *topics_; }

  /// Ahead of start(): what takes its time, at most to the deadline. Topics are created that must be there. [control thread]
  void prepare(Deadline deadline);
  /// `from`: what another version knew. [control thread]
  Result<void> start(DeliveryListener& listener, const Handover* from);
  /// Counts go on from what another version has counted. [control thread]
  void seed(const Counters& counters);
  /// Adds what it knows. [any thread]
  void hand_over(Handover& to) const;
  /// Single writers commit what they have, to the deadline. True: nothing was left. [control thread]
  bool stop_writers(Deadline deadline);
  /// As start() has them. [control thread]
  Result<void> start_writers(DeliveryListener& listener);
  /// Everything else. `reason`: why requests that wait get no answer; empty: another version waits for them. Idempotent.
  /// [control thread]
  void stop(std::string_view reason);

  /// Why the agent is not ready because of one of these; empty: it is. [any thread]
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] admin::ServicesView view() const;            ///< [any thread]
  [[nodiscard]] telemetry::ServicesFigures figures() const;  ///< [any thread]

 private:
  Services(const config::Settings& settings, EventBus& bus, Log& log) : settings_(settings), bus_(bus), log_(log) {}
  Result<void> build();

  const config::Settings& settings_;
  EventBus& bus_;
  Log& log_;
  std::unique_ptr<SchemaRegistryClient> registry_;
  std::optional<config::WorkerSettings> reply_worker_;
  std::unique_ptr<PendingRequests> requests_;
  std::unique_ptr<TenantGate> tenants_;
  std::unique_ptr<EventBus> tenant_bus_;
  std::unique_ptr<SingleWriter> writer_;
  std::unique_ptr<TopicAdministrator> topics_;
  std::unique_ptr<EnsuredTopics> ensured_;
};

}  // namespace kafka_events
