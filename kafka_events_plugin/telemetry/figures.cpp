// Names, types and help texts of all metrics; one function for each group, in the order of the page.
#include "telemetry/figures.h"

#include <array>
#include <cstddef>
#include <map>
#include <tuple>

namespace kafka_events::telemetry {
namespace {

double as_double(std::uint64_t value) noexcept { return static_cast<double>(value); }

void single(MetricsWriter& writer, std::string_view name, MetricType type, std::string_view help, double value) {
  writer.begin(name, type, help);
  writer.sample({}, value);
}

void write_totals(const Figures& figures, MetricsWriter& writer) {
  single(writer, "kafka_events_up", MetricType::gauge, "1 while the plugin runs and a broker answers",
         figures.up ? 1 : 0);
  writer.begin("kafka_events_connected", MetricType::gauge, "1 while a broker answers this client");
  writer.sample(std::array{Label{"client", "producer"}}, figures.producer_up ? 1 : 0);
  for (const WorkerFigures& worker : figures.workers) {
    writer.sample(std::array{Label{"client", worker.worker}}, worker.up ? 1 : 0);
  }
  single(writer, "kafka_events_queue_messages", MetricType::gauge,
         "Records accepted for Kafka that have no delivery report yet", as_double(figures.queue_messages));
  single(writer, "kafka_events_producer_recreated_total", MetricType::counter,
         "Times that a fatal error made a new producer necessary", as_double(figures.producer_recreated));
  writer.begin("kafka_events_status_events_total", MetricType::counter, "Status events, published or not");
  writer.sample(std::array{Label{"result", "published"}}, as_double(figures.status_events));
  writer.sample(std::array{Label{"result", "failed"}}, as_double(figures.status_failures));
}

void write_latency(const RouteFigures& route, const std::vector<double>& bounds, MetricsWriter& writer) {
  std::vector<std::uint64_t> cumulative;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < bounds.size() && i < route.latency_buckets.size(); ++i) {
    cumulative.push_back(total += route.latency_buckets[i]);
  }
  writer.histogram(std::array{Label{"route", route.route}},
                   {{bounds.data(), cumulative.size()}, cumulative, route.latency_count, route.latency_seconds});
}

void write_routes(const Figures& figures, MetricsWriter& writer) {
  writer.begin("kafka_events_produced_total", MetricType::counter, "Events of each route by what became of them");
  for (const RouteFigures& route : figures.routes) {
    const auto sample = [&](std::string_view result, std::uint64_t value) {
      writer.sample(std::array{Label{"route", route.route}, Label{"result", result}}, as_double(value));
    };
    sample("delivered", route.delivered);
    sample("failed", route.failed);
    sample("busy", route.busy);
    sample("refused", route.refused);
  }
  writer.begin("kafka_events_produced_bytes_total", MetricType::counter, "Bytes of record values that were delivered");
  for (const RouteFigures& route : figures.routes) {
    writer.sample(std::array{Label{"route", route.route}}, as_double(route.bytes));
  }
  writer.begin("kafka_events_delivery_seconds", MetricType::histogram,
               "Time from the event to the broker's acknowledgement");
  for (const RouteFigures& route : figures.routes) write_latency(route, figures.latency_bounds, writer);
}

void write_outbox(const OutboxFigures& outbox, MetricsWriter& writer) {
  single(writer, "kafka_events_outbox_entries", MetricType::gauge, "Events in the outbox", as_double(outbox.entries));
  single(writer, "kafka_events_outbox_bytes", MetricType::gauge, "Bytes of the events in the outbox",
         as_double(outbox.bytes));
  single(writer, "kafka_events_outbox_limit_bytes", MetricType::gauge, "Bytes at which the outbox is full",
         as_double(outbox.max_bytes));
  single(writer, "kafka_events_outbox_appended_total", MetricType::counter, "Events that entered the outbox",
         as_double(outbox.appended));
  single(writer, "kafka_events_outbox_refused_total", MetricType::counter,
         "Events that the outbox did not take because it or its disk was full", as_double(outbox.refused));
  single(writer, "kafka_events_outbox_taken_back_total", MetricType::counter,
         "Records that the producer gave back undelivered", as_double(outbox.taken_back));
  writer.begin("kafka_events_outbox_transactions_total", MetricType::counter,
               "Transactions of the exactly_once routes");
  writer.sample(std::array{Label{"result", "committed"}}, as_double(outbox.committed));
  writer.sample(std::array{Label{"result", "aborted"}}, as_double(outbox.aborted));
}

void write_consumed(const Figures& figures, MetricsWriter& writer) {
  writer.begin("kafka_events_consumed_total", MetricType::counter, "Records of each worker by how they ended");
  for (const WorkerFigures& worker : figures.workers) {
    const auto sample = [&](std::string_view result, std::uint64_t value) {
      writer.sample(std::array{Label{"worker", worker.worker}, Label{"result", result}}, as_double(value));
    };
    sample("done", worker.done);
    sample("skipped", worker.skipped);
    sample("dead_lettered", worker.dead_lettered);
    sample("own", worker.own);
    sample("loop_ended", worker.loops_ended);
  }
}

void write_workers(const Figures& figures, MetricsWriter& writer) {
  struct Column {
    std::string_view name;
    MetricType type;
    std::string_view help;
    std::uint64_t WorkerFigures::*value;
  };
  static constexpr std::array columns{
      Column{"kafka_events_in_flight", MetricType::gauge, "Records whose handlers are not done",
             &WorkerFigures::in_flight},
      Column{"kafka_events_waiting_for_schema", MetricType::gauge,
             "Partitions that rest because a schema is not known yet", &WorkerFigures::waiting_for_schema},
      Column{"kafka_events_decode_failures_total", MetricType::counter, "Records that could not be decoded",
             &WorkerFigures::decode_failures},
      Column{"kafka_events_handler_failures_total", MetricType::counter, "Attempts that ended failed or busy",
             &WorkerFigures::handler_failures},
      Column{"kafka_events_retries_total", MetricType::counter, "Attempts after the first", &WorkerFigures::retries},
      Column{"kafka_events_dead_letter_failures_total", MetricType::counter, "Dead letters that could not be written",
             &WorkerFigures::dead_letter_failures},
      Column{"kafka_events_rebalances_total", MetricType::counter, "Assignments that the group gave or took",
             &WorkerFigures::rebalances},
  };
  for (const Column& column : columns) {
    writer.begin(column.name, column.type, column.help);
    for (const WorkerFigures& worker : figures.workers) {
      writer.sample(std::array{Label{"worker", worker.worker}}, as_double(worker.*column.value));
    }
  }
  writer.begin("kafka_events_oldest_in_flight_seconds", MetricType::gauge,
               "Since the oldest record in flight went to its handlers, give or take a second");
  for (const WorkerFigures& worker : figures.workers) {
    writer.sample(std::array{Label{"worker", worker.worker}}, worker.oldest_seconds);
  }
}

/// One series a partition of a group, even if two workers name the same group.
void write_partitions(const Figures& figures, MetricsWriter& writer, std::string_view name, std::string_view help,
                      std::int64_t PartitionFigures::*value) {
  std::map<std::tuple<std::string_view, std::string_view, std::int32_t>, std::int64_t> series;
  for (const WorkerFigures& worker : figures.workers) {
    for (const PartitionFigures& partition : worker.partitions) {
      if (partition.partition < 0 || partition.*value < 0) continue;
      series[{worker.group, partition.topic, partition.partition}] = partition.*value;
    }
  }
  writer.begin(name, MetricType::gauge, help);
  for (const auto& [key, figure] : series) {
    const auto& [group, topic, partition] = key;
    const std::string number = std::to_string(partition);
    writer.sample(std::array{Label{"consumergroup", group}, Label{"topic", topic}, Label{"partition", number}},
                  static_cast<double>(figure));
  }
}

}  // namespace

void write(const Figures& figures, MetricsWriter& writer) {
  write_totals(figures, writer);
  write_routes(figures, writer);
  if (figures.outbox) write_outbox(*figures.outbox, writer);
  write_consumed(figures, writer);
  write_workers(figures, writer);
  write_partitions(figures, writer, "kafka_consumergroup_lag", "Records between what is done and the partition's end",
                   &PartitionFigures::lag);
  write_partitions(figures, writer, "kafka_consumergroup_current_offset", "Offset that the group has committed",
                   &PartitionFigures::committed);
  write(figures.services, writer);
}

}  // namespace kafka_events::telemetry
