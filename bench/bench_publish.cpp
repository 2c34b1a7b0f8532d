// publish → acknowledgement: an event of the host's bus through the plugin, against a raw producer with the same
// settings. Both copy the payload once; both are told of every single acknowledgement.

#include <algorithm>
#include <string>

#include "bench_host.h"
#include "bench_kafka.h"
#include "event_publisher.h"
#include "harness.h"
#include "raw_producer.h"

namespace {

using namespace bench;

constexpr int partitions = 4;

// The default route does the rest. As it asks for nothing in, no consumer takes processor time from either side.
std::string configuration(const std::string& bootstrap) {
  return "kafka_events:\n  bootstrap_servers: [\"" + bootstrap +
         "\"]\n  inbound: { topics: [] }\n  producer-config: { linger_ms: 5, max_batch_size: 1000000 }\n";
}

struct Case {
  std::size_t payload;
  std::size_t count;
  std::size_t publishers = 1;
  Await await = Await::completions;

  [[nodiscard]] std::string name() const {
    std::string name("publish_");
    name.append(std::to_string(payload));
    if (publishers > 1) name.append("_").append(std::to_string(publishers)).append("_publishers");
    if (await == Await::status_events) name.append("_status_listener");
    return name;
  }
};

// The faster one of the two ways, on this machine and Kafka.
ReportsOn faster_way(const std::string& bootstrap, const PublishPlan& plan) {
  if (only_ours()) return ReportsOn::own_thread;
  double best = 0;
  ReportsOn chosen = ReportsOn::publisher_thread;
  for (const ReportsOn way : {ReportsOn::publisher_thread, ReportsOn::own_thread}) {
    RawProducer producer(bootstrap, plan.topic, way);
    producer.run(plan);
    const double rate = static_cast<double>(plan.count) / producer.run(plan);
    if (rate > best) chosen = way;
    best = std::max(best, rate);
  }
  return chosen;
}

void measure(const Options& options, BenchKafka& kafka, const Case& which) {
  if (!options.wants(which.name())) return;
  PublishPlan plan{kafka.create_topic("acapy-outbound-bench", partitions), std::string(which.payload, 'x'),
                   options.count != 0 ? options.count : which.count, tenants(), which.publishers};
  const ReportsOn way = faster_way(kafka.bootstrap(), plan);
  RawProducer raw(kafka.bootstrap(), plan.topic, way);
  BenchHost host(configuration(kafka.bootstrap()));
  EventPublisher publisher(host.bus(), which.await);
  const auto rate = [&plan](double seconds) { return static_cast<double>(plan.count) / seconds; };
  Figure figure{which.name(), "events/s", Better::more, {}};
  figure.note("kafka", kafka.kind());
  figure.note("payload_bytes", which.payload);
  figure.note("events", plan.count);
  figure.note("pairs", options.pairs);
  figure.note("settings", "acks=all, idempotent, linger 5 ms, 4 partitions, 64 keys");
  figure.note("publishers", plan.publishers);
  figure.note("told_by", which.await == Await::status_events ? "status events" : "completions");
  figure.note("reference_reports", way == ReportsOn::own_thread ? "events on own thread" : "callbacks on publisher");
  const Pairs pairs = run_metered_pairs(
      options.pairs, plan.count, figure, [&] { return rate(raw.run(plan)); },
      [&] { return rate(publisher.run(plan)); });
  report(options, figure, pairs);
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  for (const Case& size : {Case{100, 400'000}, Case{1024, 200'000}, Case{10'240, 30'000}}) {
    measure(options, kafka, size);
    if (size.payload > 1024) continue;
    measure(options, kafka, {size.payload, size.count, 1, Await::status_events});
    for (const std::size_t publishers : {2UL, 4UL}) measure(options, kafka, {size.payload, size.count, publishers});
  }
  return 0;
}
