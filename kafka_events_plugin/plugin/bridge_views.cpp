// What the parts say of themselves, turned into the views of the admin part.
#include <algorithm>
#include <utility>

#include "plugin/bridge.h"

namespace kafka_events {
namespace {

std::optional<std::int64_t> known(std::int64_t offset) {
  return offset < 0 ? std::nullopt : std::optional<std::int64_t>(offset);
}

double seconds_of(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1e3; }

std::vector<std::pair<std::string, std::uint64_t>> counts_of(const ConsumerStatus& consumer,
                                                             const InboundStatistics& pipeline) {
  return {{"records", consumer.records},
          {"in_flight", pipeline.in_flight},
          {"done", pipeline.done},
          {"decode_failures", pipeline.decode_failures},
          {"handler_failures", pipeline.handler_failures},
          {"retries", pipeline.retries},
          {"skipped", pipeline.skipped},
          {"dead_lettered", pipeline.dead_lettered},
          {"dead_letter_failures", pipeline.dead_letter_failures},
          {"rebalances", consumer.rebalances},
          {"own", pipeline.own},
          {"loops_ended", pipeline.loops_ended},
          {"waiting_for_schema", pipeline.waiting_for_schema}};
}

admin::WorkerView view_of(const ConsumerStatus& consumer, const InboundStatistics& pipeline,
                          std::chrono::milliseconds slow_handler) {
  admin::WorkerView view;
  view.name = consumer.worker;
  view.group = consumer.group;
  view.state = to_text(consumer.state);
  view.reason = !consumer.reason.empty()   ? consumer.reason
                : !pipeline.reason.empty() ? pipeline.reason
                                           : pipeline.waiting_reason;
  view.member_id = consumer.member_id;
  view.connected = consumer.connected;
  view.paused = consumer.paused;
  view.subscription = consumer.subscription;
  for (const PartitionStatus& partition : consumer.assignment) view.assignment.push_back(view_of(partition));
  view.counts = counts_of(consumer, pipeline);
  view.paused_by_operator = consumer.held;
  view.warning = handler_trouble(consumer, pipeline, slow_handler).warning;
  if (pipeline.oldest) {
    const OldestInFlight& oldest = *pipeline.oldest;
    view.oldest = {oldest.partition.topic, oldest.partition.partition, oldest.offset, seconds_of(oldest.age)};
  }
  if (consumer.in_handler.count() > 0) view.blocked_seconds = seconds_of(consumer.in_handler);
  return view;
}

admin::OutboxView view_of(const Senders::OutboxStatus& status) {
  admin::OutboxView view;
  view.mode = status.mode;
  view.entries = status.figures.entries;
  view.bytes = status.figures.bytes;
  view.max_bytes = status.figures.max_bytes;
  view.refused = status.figures.refused;
  view.trouble = status.figures.trouble;
  view.direct = status.at_least_once.direct;
  view.waiting = status.at_least_once.waiting;
  view.taken_back = status.at_least_once.taken_back;
  view.relayed = status.at_least_once.relayed;
  if (!status.transactional) return view;
  const TransactionalOutbox::Status& transactions = status.exactly_once;
  view.transactions = {transactions.state,     transactions.trouble, transactions.waiting,
                       transactions.committed, transactions.aborted, transactions.published};
  return view;
}

template <class Errors>
void append_errors(const std::string& client, const Errors& errors, std::vector<admin::ErrorView>& to) {
  for (const auto& error : errors) to.push_back({client, error.last_seen, error.code, error.message, error.times});
}

std::vector<std::pair<std::string, std::string>> view_of(const std::vector<config::Property>& properties) {
  std::vector<std::pair<std::string, std::string>> result;
  result.reserve(properties.size());
  for (const config::Property& property : properties) result.emplace_back(property.name, shown(property));
  return result;
}

}  // namespace

admin::PartitionView view_of(const PartitionStatus& partition) {
  return {partition.topic,
          partition.partition,
          known(partition.position),
          known(partition.watermark),
          known(partition.committed),
          known(partition.high),
          known(partition.lag),
          partition.paused,
          partition.held};
}

std::string shown(const config::Property& property) { return property.secret ? "[secret]" : property.value; }

admin::StatusView Bridge::status() const {
  admin::StatusView view;
  host::HealthReport report = health();
  view.ready = report.ready;
  view.not_ready_because = std::move(report.reason);
  for (const Senders::NamedStatus& each : senders_->producers()) {
    const ProducerStatus& producer = each.status;
    if (view.producers.empty()) {
      for (const BrokerStatus& broker : producer.brokers)
        view.brokers.push_back({broker.id, broker.name, broker.connected});
      view.producer.running = view.producer.connected = true;
    }
    view.producer.running = view.producer.running && producer.running;
    view.producer.connected = view.producer.connected && producer.connected;
    view.producer.in_flight += producer.in_flight;
    view.producer.delivered += producer.delivered;
    view.producer.failed += producer.failed;
    view.producer.topics += producer.topics;
    view.producer.recreated += producer.recreated;
    view.producers.push_back({each.name, producer.running, producer.connected, producer.in_flight, producer.delivered,
                              producer.failed, producer.topics, producer.recreated});
    append_errors(each.name, producer.last_errors, view.last_errors);
  }
  if (senders_->has_outbox()) view.outbox = view_of(senders_->outbox_status());
  view.services = services_->view();
  for (const RouteStatistics& route : outbound_->statistics().routes) {
    view.routes.push_back(
        {route.name, route.matched, route.sent, route.delivered, route.failed, route.busy, route.refused});
  }
  for (const Worker& worker : workers_) {
    const ConsumerStatus consumer = worker.consumer->status();
    view.workers.push_back(view_of(consumer, worker.statistics(), worker.slow_handler));
    append_errors(consumer.worker, consumer.last_errors, view.last_errors);
  }
  std::stable_sort(view.last_errors.begin(), view.last_errors.end(),
                   [](const auto& left, const auto& right) { return left.time > right.time; });
  return view;
}

admin::ConfigurationView Bridge::configuration() const {
  admin::ConfigurationView view;
  for (const config::EffectiveOption& option : settings_.options) {
    view.options.push_back({option.key_path, option.value, option.source, option.becomes});
  }
  view.clients.push_back({"producer", view_of(settings_.producer.properties)});
  for (const config::WorkerSettings& worker : settings_.workers) {
    view.clients.push_back({worker.name, view_of(worker.properties)});
  }
  return view;
}

}  // namespace kafka_events
