// Figures on their way to the host.
#include "host/metrics_sink.h"

#include <cstdint>
#include <vector>

namespace kafka_events::host {
namespace {

std::vector<agent::Label> to_host(std::span<const telemetry::Label> labels) {
  std::vector<agent::Label> result;
  for (const telemetry::Label& label : labels) result.emplace_back(label.name, label.value);
  return result;
}

std::int32_t to_host(telemetry::MetricType type) noexcept {
  switch (type) {
    case telemetry::MetricType::counter:
      return AGENT_METRIC_COUNTER;
    case telemetry::MetricType::gauge:
      return AGENT_METRIC_GAUGE;
    case telemetry::MetricType::histogram:
      return AGENT_METRIC_HISTOGRAM;
  }
  return AGENT_METRIC_GAUGE;
}

}  // namespace

void MetricsSink::begin(std::string_view name, telemetry::MetricType type, std::string_view help) {
  metrics_.begin(name, to_host(type), help);
}

void MetricsSink::sample(std::span<const telemetry::Label> labels, double value) {
  metrics_.sample(to_host(labels), value);
}

void MetricsSink::histogram(std::span<const telemetry::Label> labels, const telemetry::HistogramView& values) {
  metrics_.histogram(to_host(labels), {values.upper_bounds.begin(), values.upper_bounds.end()},
                     {values.cumulative.begin(), values.cumulative.end()}, values.count, values.sum);
}

}  // namespace kafka_events::host
