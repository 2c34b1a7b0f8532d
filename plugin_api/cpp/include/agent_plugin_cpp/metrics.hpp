// Figures for the host's metrics page.
//
//   void collect(agent::Metrics& metrics) const override {
//     metrics.begin("echo_events_total", AGENT_METRIC_COUNTER, "Events echoed").sample({{"result", "ok"}}, count_);
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/ext/metrics.h"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

/// A label's name and value; never a tenant.
using Label = std::pair<std::string_view, std::string_view>;

/// Valid within collect() only.
class Metrics {
 public:
  explicit Metrics(const agent_metrics_sink* sink) noexcept : sink_(sink) {}

  /// Begins a metric of a type AGENT_METRIC_…; all its samples follow before the next one begins.
  Metrics& begin(std::string_view name, std::int32_t type, std::string_view help) {
    sink_->metric(sink_->context, text(name), type, text(help));
    return *this;
  }

  Metrics& sample(const std::vector<Label>& labels, double value) {
    with(labels, [&](auto pointers, std::size_t count) { sink_->sample(sink_->context, pointers, count, value); });
    return *this;
  }

  /// `bounds` ascending without +Inf; `cumulative` as many counts; `count` of all observations, `sum` of their values.
  Metrics& histogram(const std::vector<Label>& labels, const std::vector<double>& bounds,
                     const std::vector<std::uint64_t>& cumulative, std::uint64_t count, double sum) {
    agent_metric_histogram value{};
    value.size = static_cast<std::uint32_t>(sizeof value);
    value.bucket_count = static_cast<std::uint32_t>(bounds.size());
    value.upper_bounds = bounds.data();
    value.cumulative_counts = cumulative.data();
    value.count = count;
    value.sum = sum;
    with(labels, [&](auto pointers, std::size_t size) { sink_->histogram(sink_->context, pointers, size, &value); });
    return *this;
  }

 private:
  template <class Use>
  static void with(const std::vector<Label>& labels, Use use) {
    std::vector<agent_metric_label> values;
    values.reserve(labels.size());
    std::vector<const agent_metric_label*> pointers;
    for (const auto& [name, value] : labels) {
      values.push_back({static_cast<std::uint32_t>(sizeof(agent_metric_label)), 0, text(name), text(value)});
      pointers.push_back(&values.back());
    }
    use(pointers.data(), pointers.size());
  }

  const agent_metrics_sink* sink_;
};

}  // namespace agent
