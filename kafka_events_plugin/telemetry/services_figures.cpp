#include "telemetry/services_figures.h"

#include <array>
#include <string_view>

namespace kafka_events::telemetry {
namespace {

double as_double(std::uint64_t value) noexcept { return static_cast<double>(value); }

void single(MetricsWriter& writer, std::string_view name, MetricType type, std::string_view help, double value) {
  writer.begin(name, type, help);
  writer.sample({}, value);
}

/// One counter with a series for each value of a label.
template <std::size_t size>
void by_label(MetricsWriter& writer, std::string_view name, std::string_view help, std::string_view label,
              const std::array<std::pair<std::string_view, std::uint64_t>, size>& values) {
  writer.begin(name, MetricType::counter, help);
  for (const auto& [value, count] : values) writer.sample(std::array{Label{label, value}}, as_double(count));
}

void write_registry(const RegistryFigures& registry, MetricsWriter& writer) {
  single(writer, "kafka_events_schema_registry_up", MetricType::gauge, "1 while the schema registry answers",
         registry.up ? 1 : 0);
  single(writer, "kafka_events_schemas", MetricType::gauge, "Schemas in memory", as_double(registry.schemas));
  single(writer, "kafka_events_schema_registry_requests_total", MetricType::counter, "Requests to the schema registry",
         as_double(registry.requests));
  single(writer, "kafka_events_schema_registry_failures_total", MetricType::counter,
         "Requests that the schema registry did not answer", as_double(registry.failures));
}

void write_requests(const RequestFigures& requests, MetricsWriter& writer) {
  single(writer, "kafka_events_requests_pending", MetricType::gauge, "Requests that wait for an answer",
         as_double(requests.pending));
  single(writer, "kafka_events_requests_sent_total", MetricType::counter, "Requests that were sent",
         as_double(requests.sent));
  by_label(writer, "kafka_events_requests_total", "Requests by how they ended", "result",
           std::array<std::pair<std::string_view, std::uint64_t>, 3>{
               {{"answered", requests.answered}, {"timed_out", requests.timed_out}, {"refused", requests.refused}}});
  by_label(writer, "kafka_events_answers_unasked_total", "Answers that nobody waited for (any more)", "reason",
           std::array<std::pair<std::string_view, std::uint64_t>, 2>{
               {{"late", requests.late}, {"unknown", requests.unknown}}});
}

void write_tenants(const TenantFigures& tenants, MetricsWriter& writer) {
  single(writer, "kafka_events_tenants", MetricType::gauge, "Tenants that are kept in mind", as_double(tenants.known));
  single(writer, "kafka_events_tenants_active", MetricType::gauge, "Tenants with events in flight",
         as_double(tenants.active));
  single(writer, "kafka_events_tenants_window", MetricType::gauge,
         "Units of up to 4 KiB in flight from which on tenants' shares count at the moment", as_double(tenants.window));
  by_label(writer, "kafka_events_tenant_refused_total", "Events refused because their tenant was over a limit", "limit",
           std::array<std::pair<std::string_view, std::uint64_t>, 4>{{{"events_per_second", tenants.over_event_rate},
                                                                      {"bytes_per_second", tenants.over_byte_rate},
                                                                      {"in_flight", tenants.over_in_flight},
                                                                      {"fair_share", tenants.over_fair_share}}});
}

void write_writers(const std::vector<WriterFigures>& writers, MetricsWriter& writer) {
  writer.begin("kafka_events_single_writer_up", MetricType::gauge,
               "1 while this process is the only writer of the topic");
  for (const WriterFigures& each : writers) writer.sample(std::array{Label{"topic", each.topic}}, each.writing ? 1 : 0);
  writer.begin("kafka_events_single_writer_transactions_total", MetricType::counter,
               "Transactions of the only writer of a topic");
  for (const WriterFigures& each : writers) {
    writer.sample(std::array{Label{"topic", each.topic}, Label{"result", "committed"}}, as_double(each.committed));
    writer.sample(std::array{Label{"topic", each.topic}, Label{"result", "aborted"}}, as_double(each.aborted));
  }
}

}  // namespace

void write(const ServicesFigures& figures, MetricsWriter& writer) {
  if (figures.registry) write_registry(*figures.registry, writer);
  if (figures.requests) write_requests(*figures.requests, writer);
  if (figures.tenants) write_tenants(*figures.tenants, writer);
  if (!figures.writers.empty()) write_writers(figures.writers, writer);
}

}  // namespace kafka_events::telemetry
