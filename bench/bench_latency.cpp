// What the bridge adds to the time of a single event, at 200 events a second, when no queue has anything to wait for.
//
// Out: bus.publish until the completion, and rd_kafka_produce until the delivery report, in turn in one run. In: records
// that carry the time of their sending, read at the same time by the plugin and by a raw consumer.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>

#include "bench_host.h"
#include "bench_kafka.h"
#include "harness.h"
#include "latency_in.h"
#include "latency_out.h"

namespace {

using namespace bench;

constexpr std::size_t default_count = 2'000;
constexpr auto period = std::chrono::milliseconds(5);
constexpr std::size_t payload_bytes = 100;
constexpr int partitions = 4;

struct Quantile {
  const char* name;
  double share;
};
constexpr std::array quantiles{Quantile{"_p50", 0.5}, Quantile{"_p90", 0.9}, Quantile{"_p99", 0.99}};

/// Both sides' quantiles of one run.
using Sample = std::array<std::pair<double, double>, quantiles.size()>;

Sample sample(const LatencyLog& reference, const LatencyLog& ours) {
  Sample result{};
  for (std::size_t index = 0; index < quantiles.size(); ++index) {
    result[index] = {reference.quantile(quantiles[index].share), ours.quantile(quantiles[index].share)};
  }
  return result;
}

bool wanted(const Options& options, const std::string& name) {
  return std::any_of(quantiles.begin(), quantiles.end(),
                     [&](const Quantile& quantile) { return options.wants(name + quantile.name); });
}

/// Calls `send` with 0, 1, … at instants that do not depend on how long it takes.
void at_each_instant(std::size_t count, const std::function<void(std::size_t)>& send) {
  auto next = std::chrono::steady_clock::now();
  for (std::size_t index = 0; index < count; ++index) {
    std::this_thread::sleep_until(next += period);
    send(index);
  }
}

/// The median of what ours took longer, with its sign.
std::string added(const Pairs& pairs) {
  std::vector<double> differences;
  for (std::size_t pair = 0; pair < pairs.ours.size(); ++pair) {
    differences.push_back(pairs.ours[pair] - pairs.reference[pair]);
  }
  const auto middle = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() / 2);
  std::nth_element(differences.begin(), middle, differences.end());
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", *middle);
  return text.data();
}

/// One run to warm up, then the pairs: both sides are in each run.
void report_runs(const Options& options, const Figure& plain, const std::function<Sample()>& run) {
  std::array<Pairs, quantiles.size()> pairs;
  run();
  for (std::size_t number = 0; number < options.pairs; ++number) {
    const Sample result = run();
    for (std::size_t index = 0; index < quantiles.size(); ++index) {
      pairs[index].reference.push_back(result[index].first);
      pairs[index].ours.push_back(result[index].second);
    }
  }
  for (std::size_t index = 0; index < quantiles.size(); ++index) {
    Figure figure = plain;
    figure.bench += quantiles[index].name;
    if (!options.wants(figure.bench)) continue;
    figure.conditions.emplace_back("added_us", added(pairs[index]));
    report(options, figure, pairs[index]);
  }
}

Figure figure_of(const Options& options, const BenchKafka& kafka, const std::string& name, std::size_t events) {
  Figure figure{name, "us", Better::less, {}};
  figure.note("kafka", kafka.kind());
  figure.note("payload_bytes", payload_bytes);
  figure.note("events_per_second", 1000 / static_cast<std::uint64_t>(period.count()));
  figure.note("events", events);
  figure.note("pairs", options.pairs);
  return figure;
}

void measure_out(const Options& options, BenchKafka& kafka, const std::string& linger_ms) {
  const std::string name = "latency_out_linger_" + linger_ms;
  if (!wanted(options, name)) return;
  const std::string topic = kafka.create_topic("bench-latency", partitions);
  const std::size_t each = std::max<std::size_t>((options.count != 0 ? options.count : default_count) / 2, 1);
  BenchHost host("kafka_events:\n  bootstrap_servers: [\"" + kafka.bootstrap() +
                 "\"]\n  inbound: { topics: [] }\n  producer-config: { linger_ms: " + linger_ms +
                 ", max_batch_size: 1000000 }\n  outbound: [{ match: \"^bench::latency$\", topic: \"" + topic +
                 "\" }]\n");
  OurSender ours(host.bus(), "bench::latency", std::string(payload_bytes, 'x'));
  RawSender raw(kafka.bootstrap(), topic, linger_ms, std::string(payload_bytes, 'x'));
  Figure figure = figure_of(options, kafka, name, each);
  std::string settings = "acks=all, idempotent, linger ";
  settings.append(linger_ms).append(" ms, 4 partitions, 64 keys; each side every other event, a side's events counted");
  figure.note("settings", settings);
  report_runs(options, figure, [&] {
    ours.begin(each);
    raw.begin(each);
    at_each_instant(2 * each, [&](std::size_t index) { index % 2 == 0 ? raw.send(index / 2) : ours.send(index / 2); });
    ours.log().wait("the plugin");
    raw.log().wait("the raw producer");
    return sample(raw.log(), ours.log());
  });
}

void wait_for_readers(StampSender& sender, const Arrivals& ours, const Arrivals& raw) {
  const double deadline = now() + 30;
  while (!ours.any() || !raw.any()) {
    if (now() > deadline) give_up("the consumers did not begin to read");
    sender.send(0, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void measure_in(const Options& options, BenchKafka& kafka) {
  const std::string name = "latency_in";
  if (!wanted(options, name)) return;
  const std::string topic = kafka.create_topic("acapy-inbound-latency", partitions);
  const std::size_t count = options.count != 0 ? options.count : default_count;
  BenchHost host("kafka_events:\n  bootstrap_servers: [\"" + kafka.bootstrap() +
                 "\"]\n  outbound: []\n  inbound: { topics: [\"" + topic +
                 "\"], on_failure: skip }\n  consumer-config: { group_id: " + topic +
                 "-ours, auto_offset_reset: earliest }\n");
  OurReader ours(host.bus());
  RawReader raw(kafka.bootstrap(), topic, topic + "-raw");
  StampSender sender(kafka.bootstrap(), topic, payload_bytes);
  wait_for_readers(sender, ours.arrivals(), raw.arrivals());
  Figure figure = figure_of(options, kafka, name, count);
  figure.note("settings", "both read each record, in groups of their own; producer with linger 0; codec raw");
  std::uint64_t run = 0;
  report_runs(options, figure, [&] {
    ++run;
    ours.arrivals().begin(run, count);
    raw.arrivals().begin(run, count);
    at_each_instant(count, [&](std::size_t index) { sender.send(run, index); });
    ours.arrivals().log().wait("the plugin");
    raw.arrivals().log().wait("the raw consumer");
    return sample(raw.arrivals().log(), ours.arrivals().log());
  });
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  for (const char* linger_ms : {"0", "5"}) measure_out(options, kafka, linger_ms);
  // The mock cluster answers a fetch that found nothing when its time is over, not when something comes.
  if (!kafka.is_mock()) measure_in(options, kafka);
  return 0;
}
