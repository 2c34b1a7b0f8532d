// Health in words, and figures for the metrics page.
#include <algorithm>
#include <utility>

#include "kafka/properties.h"
#include "plugin/bridge.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

/// A consumer thread comes round every 100 ms; even a revocation waits less than this for handlers.
constexpr std::chrono::milliseconds stuck_after = 120s;

/// "Connection refused" out of "…: Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state
/// CONNECT)".
std::string cause_of(std::string_view message) {
  constexpr std::string_view marker = "failed: ";
  const std::size_t begin = message.find(marker);
  if (begin != std::string_view::npos) message.remove_prefix(begin + marker.size());
  return std::string(message.substr(0, message.find(" (after ")));
}

/// The newest error that names a cause, rather than only that all brokers are down.
template <class Errors>
std::string cause_among(const Errors& errors) {
  const auto named =
      std::find_if(errors.begin(), errors.end(), [](const auto& e) { return e.code != "_ALL_BROKERS_DOWN"; });
  return named == errors.end() ? std::string() : cause_of(named->message);
}

telemetry::RouteFigures figures_of(const RouteStatistics& route) {
  return {.route = route.name,
          .delivered = route.delivered,
          .failed = route.failed,
          .busy = route.busy,
          .refused = route.refused,
          .bytes = route.bytes,
          .latency_buckets = {route.latency.buckets.begin(), route.latency.buckets.end()},
          .latency_count = route.latency.count,
          .latency_seconds = static_cast<double>(route.latency.sum_us) / 1e6};
}

telemetry::OutboxFigures figures_of(const Senders::OutboxStatus& outbox) {
  return {.entries = outbox.figures.entries,
          .bytes = outbox.figures.bytes,
          .max_bytes = outbox.figures.max_bytes,
          .appended = outbox.figures.appended,
          .refused = outbox.figures.refused,
          .taken_back = outbox.at_least_once.taken_back,
          .committed = outbox.exactly_once.committed,
          .aborted = outbox.exactly_once.aborted};
}

telemetry::WorkerFigures figures_of(const ConsumerStatus& consumer, const InboundStatistics& pipeline) {
  telemetry::WorkerFigures figures;
  figures.worker = consumer.worker;
  figures.group = consumer.group;
  figures.up = consumer.connected;
  figures.done = pipeline.done;
  figures.skipped = pipeline.skipped;
  figures.dead_lettered = pipeline.dead_lettered;
  figures.decode_failures = pipeline.decode_failures;
  figures.handler_failures = pipeline.handler_failures;
  figures.dead_letter_failures = pipeline.dead_letter_failures;
  figures.retries = pipeline.retries;
  figures.rebalances = consumer.rebalances;
  figures.in_flight = pipeline.in_flight;
  figures.own = pipeline.own;
  figures.loops_ended = pipeline.loops_ended;
  figures.waiting_for_schema = pipeline.waiting_for_schema;
  figures.oldest_seconds =
      static_cast<double>(std::max(consumer.in_handler, pipeline.oldest ? pipeline.oldest->age : 0ms).count()) / 1e3;
  for (const PartitionStatus& partition : consumer.assignment) {
    figures.partitions.push_back({partition.topic, partition.partition, partition.committed, partition.lag});
  }
  return figures;
}

}  // namespace

std::string Bridge::why_not_reachable(std::string_view servers, const std::string& cause) const {
  const auto& properties = settings_.producer.properties;
  const bool secret = std::any_of(properties.begin(), properties.end(), [](const config::Property& property) {
    return property.secret && property.name == "bootstrap.servers";
  });
  std::string reason = "no broker reachable at ";
  reason.append(secret ? "[secret]" : servers);
  return cause.empty() ? reason : reason.append(" (").append(cause).append(")");
}

host::HealthReport Bridge::health() const {
  if (!running_) return {true, false, "the Kafka plugin is stopped"};
  const std::string_view servers = property_value(settings_.producer.properties, "bootstrap.servers");
  for (const Worker& worker : workers_) {
    const ConsumerStatus consumer = worker.consumer->status();
    if (consumer.since_turn > stuck_after) return {false, false, "worker " + consumer.worker + ": its thread is stuck"};
    if (consumer.state == ConsumerState::failed) {
      return {true, false, "worker " + consumer.worker + ": " + consumer.reason};
    }
    const InboundStatistics pipeline = worker.statistics();
    if (!pipeline.stopped.empty()) return {true, false, "worker " + consumer.worker + ": " + pipeline.reason};
    // One handler that hangs does not make the agent unready, a worker that stands still because of it does.
    const HandlerTrouble trouble = handler_trouble(consumer, pipeline, worker.slow_handler);
    if (trouble.stands_still) return {true, false, "worker " + consumer.worker + ": " + trouble.warning};
  }
  if (std::string trouble = services_->trouble(); !trouble.empty()) return {true, false, std::move(trouble)};
  if (senders_->fenced()) return {true, false, "exactly_once: " + senders_->outbox_status().exactly_once.trouble};
  for (const Senders::NamedStatus& producer : senders_->producers()) {
    if (producer.status.connected) continue;
    return {true, false, why_not_reachable(servers, cause_among(producer.status.last_errors))};
  }
  for (const Worker& worker : workers_) {
    const ConsumerState state = worker.consumer->state();
    if (state == ConsumerState::running || state == ConsumerState::joining) continue;
    const ConsumerStatus consumer = worker.consumer->status();
    return {true, false,
            "worker " + consumer.worker + ": " + why_not_reachable(servers, cause_among(consumer.last_errors))};
  }
  return {};
}

telemetry::Figures Bridge::figures() const {
  telemetry::Figures figures;
  figures.up = health().ready;
  figures.producer_up = senders_->connected();
  for (const Senders::NamedStatus& producer : senders_->producers()) {
    figures.queue_messages += producer.status.in_flight;
    figures.producer_recreated += producer.status.recreated;
  }
  if (senders_->has_outbox()) figures.outbox = figures_of(senders_->outbox_status());
  const OutboundStatistics outbound = outbound_->statistics();
  figures.status_events = outbound.status_events;
  figures.status_failures = outbound.status_failures;
  for (const std::int64_t bound : latency_bounds_us) figures.latency_bounds.push_back(static_cast<double>(bound) / 1e6);
  for (const RouteStatistics& route : outbound.routes) figures.routes.push_back(figures_of(route));
  for (const Worker& worker : workers_) {
    figures.workers.push_back(figures_of(worker.consumer->status(), worker.statistics()));
  }
  figures.services = services_->figures();
  return figures;
}

}  // namespace kafka_events
