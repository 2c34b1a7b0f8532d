// All running parts of one configuration, built in order and stopped in reverse:
//
//   producer ◄── outbound pipeline ◄── bus ◄── inbound pipelines ◄── consumers
//                                       └──► dead-letter writer ──► a producer of its own
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
#include "core/ports.h"
#include "host/lifecycle.h"
#include "inbound/dead_letter_writer.h"
#include "inbound/pipeline.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "outbound/pipeline.h"
#include "telemetry/figures.h"

namespace kafka_events {

class Bridge final : public admin::BridgeService {
 public:
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

  /// Whether the parts can do their work; for a bridge that was started. [any thread]
  [[nodiscard]] host::HealthReport health() const;
  /// [any thread]
  [[nodiscard]] telemetry::Figures figures() const;

 private:
  /// One way in. The pipeline must outlive the consumer.
  struct Worker {
    std::unique_ptr<InboundPipeline> pipeline;
    std::unique_ptr<Consumer> consumer;
  };

  Bridge(config::Settings settings, EventBus& bus, Log& log) : settings_(std::move(settings)), bus_(bus), log_(log) {}
  Result<void> build();
  Result<void> build_dead_letters();
  Result<void> build_worker(const config::WorkerSettings& settings);
  Result<void> start_parts();
  bool stop_consumers(std::chrono::steady_clock::time_point deadline);
  void stop_dead_letters(std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] std::string why_not_reachable(std::string_view servers, const std::string& cause) const;

  const config::Settings settings_;
  EventBus& bus_;
  Log& log_;
  std::atomic<bool> running_{false};

  // In the order of construction; the last one goes first.
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<OutboundPipeline> outbound_;
  bool subscribed_ = false;  // control thread
  std::unique_ptr<Producer> dead_letter_producer_;
  std::unique_ptr<DeadLetterWriter> dead_letters_;  // none unless a worker writes dead letters
  std::vector<Worker> workers_;
};

/// How a property may be shown.
[[nodiscard]] std::string shown(const config::Property& property);

}  // namespace kafka_events
