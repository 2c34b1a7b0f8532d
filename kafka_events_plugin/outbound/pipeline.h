// The way out: events of the bus become records of a RecordSink, delivery reports become status events and completions.
//
//   auto pipeline = OutboundPipeline::create(settings.routes, settings.topic_prefix, bus, sink, log);
//   if (!pipeline.ok()) return pipeline.error();
//   pipeline.value()->open();
//   Result<void> subscribed = pipeline.value()->subscribe();
//   …                                       // the sink reports deliveries to the pipeline: it is a DeliveryListener
//   pipeline.value()->unsubscribe();        // then drain the sink, then destroy
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "outbound/explanation.h"
#include "outbound/log_limiter.h"
#include "outbound/outbound_parts.h"
#include "outbound/record_builder.h"
#include "outbound/route_cache.h"
#include "outbound/route_sinks.h"
#include "outbound/router.h"
#include "outbound/statistics.h"
#include "outbound/status_events.h"

namespace kafka_events {

/// Bus, sinks and log must outlive the pipeline, and no report may come after its end.
class OutboundPipeline final : public EventHandler, public DeliveryListener {
 public:
  /// Starts nothing and is closed. Fails with the route's name and place if its pattern or a template is wrong.
  static Result<std::unique_ptr<OutboundPipeline>> create(std::span<const config::RouteSettings> routes,
                                                          std::string_view topic_prefix, EventBus& bus,
                                                          const RouteSinks& sinks, Log& log,
                                                          const OutboundParts& further = {});
  ~OutboundPipeline() override;
  OutboundPipeline(const OutboundPipeline&) = delete;
  OutboundPipeline& operator=(const OutboundPipeline&) = delete;

  /// From now on events come in. Not from two threads at once, no more than unsubscribe(). No routes: nothing to do.
  Result<void> subscribe();
  /// On return no event is being handled. Idempotent.
  void unsubscribe();

  /// Events are sent. Any thread.
  void open();
  /// Events are no longer sent: each one that a route matches is answered at once by `<topic>::undeliverable` with this
  /// reason, and as failed. What was accepted before goes on. Any thread.
  void close(std::string_view reason);
  [[nodiscard]] bool is_open() const noexcept { return open_.load(std::memory_order_acquire); }

  HandlerAnswer on_event(const Event& event) noexcept override;
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;

  /// Any thread.
  [[nodiscard]] OutboundStatistics statistics() const;

  /// Everything that statistics() tells, for another version of this module: `of` is a route's name. Any thread.
  [[nodiscard]] Counters counters() const;
  /// Goes on from what another version has counted: routes of the same name. Before events and reports come; replaces what
  /// was counted so far. Lifecycle thread.
  void seed(const Counters& counters);

  /// What would become of this event; opens no topic and sends nothing. `handle` may be null. Any thread.
  [[nodiscard]] Explanation explain(const Event& event) const;

 private:
  OutboundPipeline(Router router, std::string_view topic_prefix, EventBus& bus, const RouteSinks& sinks, Log& log,
                   const OutboundParts& further);

  HandlerAnswer handle(const Event& event);
  HandlerAnswer send_to_one(const Event& event, const ResolvedTopic& topic);
  HandlerAnswer send_to_all(const Event& event, const ResolvedTopic& topic);
  void conclude(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, SendStatus status,
                std::string_view reason);
  HandlerAnswer answer_closed(const Event& event, const ResolvedTopic& topic);
  HandlerAnswer answer_over_limit(const Event& event, const ResolvedTopic& topic, TenantVerdict verdict);

  // One route (pipeline_send.cpp). `full` with a reason: try again later, because of that and not of a queue.
  SendStatus send(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                  std::string& reason) noexcept;
  SendStatus send_unlimited(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                            std::string& reason, bool& in_transaction);
  [[nodiscard]] RecordSink& sink_of(const Event& event, const ResolvedRoute& route, bool& in_transaction) const;
  Result<void> build(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, RecordSink& sink,
                     bool in_transaction, RecordStorage& storage, OutboundRecord& record);
  SendStatus hand_over(const OutboundRecord& record, RecordSink& sink, const ResolvedRoute& route, std::string& reason);
  SendStatus send_request(const OutboundRecord& record, RecordSink& sink, const ResolvedRoute& route,
                          std::string_view correlation_id, std::string& reason);
  void refuse(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
              std::string_view reason) noexcept;

  class ReportBatch;
  void report(const DeliveryReport& delivery, ReportBatch& batch);
  void report(const DeliveryReport& delivery, const Event& source, ReportBatch& batch);
  void cancel_request(const DeliveryReport& delivery, const Event& source) noexcept;
  const ResolvedRoute& route_of(const DeliveryReport& delivery, const Event& source, const ResolvedTopic& topic) const;
  void log_busy(const Event& event, const Route& route, std::string_view reason) noexcept;
  void log_undelivered(LogLimiter& limiter, const Event& event, const Route& route, std::string_view reason) noexcept;

  const OutboundParts further_;
  const std::string topic_prefix_;
  Router router_;
  EventBus& bus_;
  const RouteSinks sinks_;
  RouteCache cache_;
  RecordBuilder builder_;
  StatusEvents status_events_;
  LogLimiter refused_log_;
  LogLimiter busy_log_;
  LogLimiter failed_log_;
  std::unique_ptr<RouteCounters[]> counters_;  // one a route
  bool reports_need_source_ = false;           // else a report can be counted without looking at its event

  std::atomic<bool> open_{false};
  std::atomic<std::uint32_t> batch_{0};
  mutable std::mutex closed_reason_mutex_;
  std::string closed_reason_;  // guarded by closed_reason_mutex_

  std::optional<SubscriptionToken> subscription_;
};

}  // namespace kafka_events
