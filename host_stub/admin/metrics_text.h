// Writes metrics in Prometheus' text exposition format 0.0.4.
//
//   MetricsText text;
//   control.collect_metrics(text.sink());
//   reply.body = text.finish();
//
// A family that several plugins report becomes one, with one HELP and one TYPE; of two samples with the same name and
// labels the first counts. What the format cannot hold (names with other characters, a family with two types,
// histograms that do not ascend) is left out and counted in agent_metrics_rejected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/metrics.h"

namespace host_stub {

class MetricsText {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  MetricsText();
  MetricsText(const MetricsText&) = delete;
  MetricsText& operator=(const MetricsText&) = delete;

  /// Valid as long as this object. One thread at a time.
  [[nodiscard]] const agent_metrics_sink& sink() const noexcept { return sink_; }

  [[nodiscard]] std::string finish();

 private:
  struct Family {
    std::string name;
    std::string help;
    std::int32_t type;
    std::string samples;           // lines
    std::set<std::string> series;  // label sets that are in it
  };
  using Labels = std::vector<std::pair<std::string, std::string>>;

  void begin(std::string_view name, std::int32_t type, std::string_view help);
  void add_sample(const agent_metric_label* const* labels, std::size_t count, double value);
  void add_histogram(const agent_metric_label* const* labels, std::size_t count,
                     const agent_metric_histogram& histogram);
  bool admit(const agent_metric_label* const* labels, std::size_t count, Labels& out);

  agent_metrics_sink sink_{};
  std::vector<Family> families_;              // in the order in which they came
  std::map<std::string, std::size_t> index_;  // name to place in families_
  Family* current_ = nullptr;                 // null: what comes is left out
  std::uint64_t rejected_ = 0;
};

}  // namespace host_stub
