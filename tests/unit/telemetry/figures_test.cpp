// Figures as they appear on a metrics page.
#include "telemetry/figures.h"

#include <doctest/doctest.h>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace kafka_events::telemetry;

/// Writes lines like those of the Prometheus text format.
class TextWriter final : public MetricsWriter {
 public:
  void begin(std::string_view name, MetricType type, std::string_view help) override {
    name_ = name;
    type_ = type;
    CHECK_MESSAGE(names.insert(name_).second, name_, " begins twice");
    CHECK_FALSE(help.empty());
  }
  void sample(std::span<const Label> labels, double value) override {
    CHECK(type_ != MetricType::histogram);
    CHECK_MESSAGE(lines.insert(series(labels) + " " + number(value)).second, "written twice: ", series(labels));
  }
  void histogram(std::span<const Label> labels, const HistogramView& values) override {
    CHECK(type_ == MetricType::histogram);
    REQUIRE(values.upper_bounds.size() == values.cumulative.size());
    std::string line = series(labels);
    for (std::size_t i = 0; i < values.cumulative.size(); ++i) {
      line += " le" + number(values.upper_bounds[i]) + "=" + std::to_string(values.cumulative[i]);
    }
    lines.insert(line + " count=" + std::to_string(values.count) + " sum=" + number(values.sum));
  }
  [[nodiscard]] bool has(const std::string& line) const { return lines.contains(line); }

  std::set<std::string> names;
  std::set<std::string> lines;

 private:
  [[nodiscard]] std::string series(std::span<const Label> labels) const {
    std::string text = name_ + "{";
    for (const Label& label : labels) {
      if (&label != labels.data()) text += ",";
      text.append(label.name).append("=").append(label.value);
    }
    return text + "}";
  }
  static std::string number(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }
  std::string name_;
  MetricType type_ = MetricType::gauge;
};

WorkerFigures worker(std::string name, std::string group, std::vector<PartitionFigures> partitions) {
  WorkerFigures figures;
  figures.worker = std::move(name);
  figures.group = std::move(group);
  figures.partitions = std::move(partitions);
  return figures;
}

}  // namespace

TEST_CASE("every result of a route is a series of its own") {
  Figures figures;
  figures.routes.push_back({.route = "default", .delivered = 7, .failed = 1, .busy = 2, .refused = 3, .bytes = 99});
  TextWriter writer;
  write(figures, writer);
  CHECK(writer.has("kafka_events_produced_total{route=default,result=delivered} 7"));
  CHECK(writer.has("kafka_events_produced_total{route=default,result=failed} 1"));
  CHECK(writer.has("kafka_events_produced_total{route=default,result=busy} 2"));
  CHECK(writer.has("kafka_events_produced_total{route=default,result=refused} 3"));
  CHECK(writer.has("kafka_events_produced_bytes_total{route=default} 99"));
}

TEST_CASE("the latency histogram is cumulative, and its last bucket only in the count") {
  Figures figures;
  figures.latency_bounds = {0.5, 1};
  figures.routes.push_back({.route = "r", .latency_buckets = {3, 2, 4}, .latency_count = 9, .latency_seconds = 12.5});
  TextWriter writer;
  write(figures, writer);
  CHECK(writer.has("kafka_events_delivery_seconds{route=r} le0.5=3 le1=5 count=9 sum=12.5"));
}

TEST_CASE("lag is written for known partitions only") {
  Figures figures;
  figures.workers.push_back(worker("inbound", "g", {{"t", 0, 5, 7}, {"t", 1, -1, -1}, {"t", -1, 5, 5}}));
  TextWriter writer;
  write(figures, writer);
  CHECK(writer.has("kafka_consumergroup_lag{consumergroup=g,topic=t,partition=0} 7"));
  CHECK(writer.has("kafka_consumergroup_current_offset{consumergroup=g,topic=t,partition=0} 5"));
  for (const std::string& line : writer.lines) {
    CHECK(line.find("partition=-1") == std::string::npos);
    CHECK(line.find("partition=1}") == std::string::npos);
  }
}

TEST_CASE("two workers of one group and topic make no series twice") {
  Figures figures;
  figures.workers.push_back(worker("a", "g", {{"t", 0, 1, 7}}));
  figures.workers.push_back(worker("b", "g", {{"t", 0, 1, 8}}));
  TextWriter writer;  // its checks fail on a repeated series
  write(figures, writer);
  CHECK(writer.has("kafka_consumergroup_lag{consumergroup=g,topic=t,partition=0} 8"));
}

TEST_CASE("names follow Prometheus: counters end in _total, nothing else does") {
  class Names final : public MetricsWriter {
   public:
    void begin(std::string_view name, MetricType type, std::string_view /*help*/) override {
      CHECK_MESSAGE(name.ends_with("_total") == (type == MetricType::counter), std::string(name));
      CHECK(name.starts_with("kafka_"));
    }
    void sample(std::span<const Label> /*labels*/, double /*value*/) override {}
    void histogram(std::span<const Label> /*labels*/, const HistogramView& /*values*/) override {}
  };
  Names names;
  write(Figures{}, names);
}
