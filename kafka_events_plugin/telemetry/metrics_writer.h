// The port to whoever shows figures: begin a metric, then write its samples. host/ turns it into the host's sink.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace kafka_events::telemetry {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

/// Never a tenant id, a key or anything else of an event.
struct Label {
  std::string_view name;
  std::string_view value;
};

/// As Prometheus has it: cumulative counts below each upper bound, all of them and their sum.
struct HistogramView {
  std::span<const double> upper_bounds;  ///< ascending, without +Inf
  std::span<const std::uint64_t> cumulative;
  std::uint64_t count = 0;
  double sum = 0;
};

/// Valid while one scrape lasts, on its thread.
class MetricsWriter {
 public:
  virtual ~MetricsWriter() = default;
  virtual void begin(std::string_view name, MetricType type, std::string_view help) = 0;
  virtual void sample(std::span<const Label> labels, double value) = 0;
  virtual void histogram(std::span<const Label> labels, const HistogramView& values) = 0;
};

}  // namespace kafka_events::telemetry
