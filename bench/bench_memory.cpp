// What stays in memory: for each event topic, tenant, event in flight, and over many events. Every figure in a process of
// its own. With --count 50000000, memory_flat takes minutes and some 6 GB of a real broker's disk.

#include <array>
#include <string>

#include "bench_kafka.h"
#include "harness.h"
#include "memory_cases.h"
#include "memory_probe.h"

namespace {

using namespace bench;

constexpr std::size_t payload = 100;

Figure figure_of(const BenchKafka& kafka, const std::string& name, const std::string& unit, const std::string& what) {
  Figure figure{name, unit, Better::less, {}};
  figure.note("kafka", kafka.kind());
  figure.note("what", what);
  return figure;
}

void measure_topics(const Options& options, BenchKafka& kafka) {
  constexpr std::array names{"memory_per_topic_known", "memory_per_topic_beyond", "memory_per_topic_bounded"};
  bool any = false;
  for (const char* name : names) any = any || options.wants(name);
  if (!any) return;
  const TopicSteps steps;
  const std::vector<double> bytes = in_child([&] { return memory_of_topics(kafka, steps); });
  const std::array what{
      "heap of each of the first " + std::to_string(steps.known) + " event topics, which are kept in mind",
      "growth of the heap from " + std::to_string(steps.many) + " to " + std::to_string(steps.most) +
          " event topics, for each: the host's bus keeps 65536 of them, the plugin no more",
      "the same from " + std::to_string(steps.most) + " to " + std::to_string(steps.beyond)};
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (!options.wants(names[index])) continue;
    report_value(options, figure_of(kafka, names[index], "bytes", what[index]), bytes[index]);
  }
}

void measure_tenants(const Options& options, BenchKafka& kafka) {
  const std::string name = "memory_per_tenant";
  if (!options.wants(name)) return;
  constexpr std::size_t tenants = 100'000;
  Figure figure = figure_of(kafka, name, "bytes", "heap of a tenant that is known and has nothing in flight");
  figure.note("tenants", tenants);
  report_value(options, figure, in_child([&] { return memory_of_tenants(kafka, tenants); }).at(0));
}

// As many bytes an event as megabytes a million of them.
void measure_in_flight(const Options& options) {
  Figure figure{"memory_per_million_in_flight", "MB", Better::less, {}};
  if (!options.wants(figure.bench)) return;
  const std::size_t events = options.count != 0 ? options.count : 1'000'000;
  const auto side = [events](auto measure) {
    return [measure, events] { return in_child([&] { return measure(events, payload); }).at(0); };
  };
  figure.note("kafka", "mock cluster that answers nothing");
  figure.note("what", "resident memory for each event without an acknowledgement");
  figure.note("reference", "librdkafka alone");
  figure.note("payload_bytes", payload);
  figure.note("events", events);
  const Pairs pairs = run_pairs(options.pairs, side(memory_in_flight_raw), side(memory_in_flight));
  figure.note("pairs", options.pairs);
  report(options, figure, pairs);
}

void measure_flat(const Options& options, BenchKafka& kafka) {
  const std::string name = "memory_flat";
  if (!options.wants(name)) return;
  const std::size_t events = options.count != 0 ? options.count : 2'000'000;
  const std::vector<double> resident = in_child([&] { return memory_over_time(kafka, events, payload); });
  Figure figure = figure_of(kafka, name, "KB", "growth of resident memory from a tenth of the events to all of them");
  figure.note("payload_bytes", payload);
  figure.note("events", events);
  figure.note("resident_mb", static_cast<std::uint64_t>(resident.at(1) / 1e6));
  report_value(options, figure, (resident.at(1) - resident.at(0)) / 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  measure_topics(options, kafka);
  measure_tenants(options, kafka);
  measure_in_flight(options);
  measure_flat(options, kafka);
  return 0;
}
