// What the parts say of themselves, turned into the views of the admin part.
#include <algorithm>
#include <utility>

#include "plugin/bridge.h"

namespace kafka_events {
namespace {

std::optional<std::int64_t> known(std::int64_t offset) {
  return offset < 0 ? std::nullopt : std::optional<std::int64_t>(offset);
}

admin::PartitionView view_of(const PartitionStatus& partition) {
  return {partition.topic,
          partition.partition,
          known(partition.position),
          known(partition.watermark),
          known(partition.committed),
          known(partition.high),
          known(partition.lag),
          partition.paused};
}

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
          {"rebalances", consumer.rebalances}};
}

admin::WorkerView view_of(const ConsumerStatus& consumer, const InboundStatistics& pipeline) {
  admin::WorkerView view;
  view.name = consumer.worker;
  view.group = consumer.group;
  view.state = to_text(consumer.state);
  view.reason = consumer.reason.empty() ? pipeline.reason : consumer.reason;
  view.member_id = consumer.member_id;
  view.connected = consumer.connected;
  view.paused = consumer.paused;
  view.subscription = consumer.subscription;
  for (const PartitionStatus& partition : consumer.assignment) view.assignment.push_back(view_of(partition));
  view.counts = counts_of(consumer, pipeline);
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

std::string shown(const config::Property& property) { return property.secret ? "[secret]" : property.value; }

admin::StatusView Bridge::status() const {
  admin::StatusView view;
  host::HealthReport report = health();
  view.ready = report.ready;
  view.not_ready_because = std::move(report.reason);
  const ProducerStatus producer = producer_->status();
  for (const BrokerStatus& broker : producer.brokers)
    view.brokers.push_back({broker.id, broker.name, broker.connected});
  view.producer = {producer.running, producer.connected, producer.in_flight, producer.delivered,
                   producer.failed,  producer.topics,    producer.recreated};
  append_errors("producer", producer.last_errors, view.last_errors);
  for (const RouteStatistics& route : outbound_->statistics().routes) {
    view.routes.push_back(
        {route.name, route.matched, route.sent, route.delivered, route.failed, route.busy, route.refused});
  }
  for (const Worker& worker : workers_) {
    const ConsumerStatus consumer = worker.consumer->status();
    view.workers.push_back(view_of(consumer, worker.pipeline->statistics()));
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
