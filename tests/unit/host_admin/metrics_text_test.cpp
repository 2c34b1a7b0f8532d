#include "admin/metrics_text.h"

#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace host_stub;

namespace {

agent_text text(std::string_view value) { return {value.data(), value.size()}; }

void metric(const agent_metrics_sink& sink, std::string_view name, std::int32_t type, std::string_view help = "") {
  sink.metric(sink.context, text(name), type, text(help));
}

void sample(const agent_metrics_sink& sink, const std::vector<std::pair<std::string_view, std::string_view>>& labels,
            double value) {
  std::vector<agent_metric_label> records;
  for (const auto& [name, content] : labels)
    records.push_back({sizeof(agent_metric_label), 0, text(name), text(content)});
  std::vector<const agent_metric_label*> pointers;
  for (const agent_metric_label& record : records) pointers.push_back(&record);
  sink.sample(sink.context, pointers.data(), pointers.size(), value);
}

}  // namespace

TEST_CASE("a family that two plugins report has one HELP and one TYPE") {
  MetricsText out;
  for (const std::string_view plugin : {"a", "b"}) {
    metric(out.sink(), "x_total", AGENT_METRIC_COUNTER, "What x\ndoes \\");
    sample(out.sink(), {{"plugin", plugin}}, 3);
    metric(out.sink(), "y", AGENT_METRIC_GAUGE);
    sample(out.sink(), {{"plugin", plugin}}, 0.25);
  }
  CHECK(out.finish() ==
        "# HELP x_total What x\\ndoes \\\\\n# TYPE x_total counter\nx_total{plugin=\"a\"} 3\nx_total{plugin=\"b\"} 3\n"
        "# TYPE y gauge\ny{plugin=\"a\"} 0.25\ny{plugin=\"b\"} 0.25\n"
        "# HELP agent_metrics_rejected Figures of the last scrape that the text format cannot hold\n"
        "# TYPE agent_metrics_rejected gauge\nagent_metrics_rejected 0\n");
}

TEST_CASE("histograms get cumulative buckets, +Inf, sum and count") {
  MetricsText out;
  const std::array<double, 2> bounds{0.1, 1};
  const std::array<std::uint64_t, 2> counts{2, 5};
  const agent_metric_histogram histogram{sizeof(agent_metric_histogram), 2, bounds.data(), counts.data(), 6, 7.5};
  metric(out.sink(), "t_seconds", AGENT_METRIC_HISTOGRAM, "Time");
  out.sink().histogram(out.sink().context, nullptr, 0, &histogram);
  CHECK(
      out.finish().starts_with("# HELP t_seconds Time\n# TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.1\"} 2\n"
                               "t_seconds_bucket{le=\"1\"} 5\nt_seconds_bucket{le=\"+Inf\"} 6\nt_seconds_sum 7.5\n"
                               "t_seconds_count 6\n"));
}

TEST_CASE("label values are escaped, odd numbers have their names") {
  MetricsText out;
  metric(out.sink(), "x", AGENT_METRIC_GAUGE);
  sample(out.sink(), {{"a", "q\"b\\n\n"}}, std::nan(""));
  sample(out.sink(), {{"a", "i"}}, -INFINITY);
  sample(out.sink(), {{"a", "j"}}, 1e300);
  const std::string text = out.finish();
  CHECK(text.find("x{a=\"q\\\"b\\\\n\\n\"} NaN\n") != std::string::npos);
  CHECK(text.find("x{a=\"i\"} -Inf\n") != std::string::npos);
  CHECK(text.find("x{a=\"j\"} 1e+300\n") != std::string::npos);
}

TEST_CASE("what the format cannot hold is left out and counted") {
  MetricsText out;
  metric(out.sink(), "not-a-name", AGENT_METRIC_GAUGE);
  sample(out.sink(), {}, 1);
  metric(out.sink(), "x", AGENT_METRIC_GAUGE);
  sample(out.sink(), {{"a-b", "1"}}, 1);            // bad label name
  sample(out.sink(), {{"a", "1"}, {"a", "2"}}, 1);  // label twice
  sample(out.sink(), {{"a", "1"}, {"b", "2"}}, 1);
  sample(out.sink(), {{"b", "2"}, {"a", "1"}}, 2);  // the same series again
  metric(out.sink(), "x", AGENT_METRIC_COUNTER);    // another type
  sample(out.sink(), {}, 9);
  const std::string text = out.finish();
  CHECK(text.find("not-a-name") == std::string::npos);
  CHECK(text.find("x{a=\"1\",b=\"2\"} 1\n") != std::string::npos);
  CHECK(text.find("} 2\n") == std::string::npos);
  CHECK(text.find("x 9") == std::string::npos);
  CHECK(text.find("agent_metrics_rejected 5\n") != std::string::npos);
}
