// The host's metrics sink (agent.metrics/1) as the MetricsWriter of telemetry/.
#pragma once

#include <span>
#include <string_view>

#include "agent_plugin_cpp/metrics.hpp"

#include "telemetry/metrics_writer.h"

namespace kafka_events::host {

/// Valid while one scrape lasts.
class MetricsSink final : public telemetry::MetricsWriter {
 public:
  explicit MetricsSink(agent::Metrics& metrics) noexcept : metrics_(metrics) {}

  void begin(std::string_view name, telemetry::MetricType type, std::string_view help) override;
  void sample(std::span<const telemetry::Label> labels, double value) override;
  void histogram(std::span<const telemetry::Label> labels, const telemetry::HistogramView& values) override;

 private:
  agent::Metrics& metrics_;
};

}  // namespace kafka_events::host
