// Allocations by operator new for each event, host and plugin together, once everything is warm: out, with and without
// somebody who listens to the status events, and in. What librdkafka allocates for its messages is not counted: it is C.

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "bench_host.h"
#include "bench_kafka.h"
#include "counting_allocator.h"
#include "event_publisher.h"
#include "harness.h"
#include "raw_producer.h"

namespace {

using namespace bench;

constexpr int partitions = 4;
constexpr std::size_t default_count = 200'000;
constexpr std::size_t warm_up = 10;  // the first tenth is not counted

Figure figure_of(const BenchKafka& kafka, const std::string& name, std::size_t payload, std::size_t events,
                 std::string_view what) {
  Figure figure{name, "allocations/event", Better::less, {}};
  figure.note("kafka", kafka.kind());
  figure.note("payload_bytes", payload);
  figure.note("events", events);
  figure.note("what", what);
  return figure;
}

void measure_out(const Options& options, BenchKafka& kafka, std::size_t payload, Await await) {
  const bool listens = await == Await::status_events;
  const std::string name =
      std::string("allocations_out_").append(std::to_string(payload)).append(listens ? "_status_listener" : "");
  if (!options.wants(name)) return;
  PublishPlan plan{kafka.create_topic("acapy-outbound-bench", partitions), std::string(payload, 'x'),
                   (options.count != 0 ? options.count : default_count) / warm_up, tenants()};
  BenchHost host("kafka_events:\n  bootstrap_servers: [\"" + kafka.bootstrap() +
                 "\"]\n  inbound: { topics: [] }\n  producer-config: { linger_ms: 5, max_batch_size: 1000000 }\n");
  EventPublisher publisher(host.bus(), await);
  publisher.run(plan);
  const std::uint64_t before = allocations;
  plan.count *= warm_up - 1;
  publisher.run(plan);
  const Figure figure = figure_of(kafka, name, payload, plan.count, "publish to acknowledgement, default route");
  report_value(options, figure, static_cast<double>(allocations - before) / static_cast<double>(plan.count));
}

/// What was allocated between a tenth of the records and the last one.
struct Window {
  std::size_t expected = 0;
  std::atomic<std::size_t> seen{0};
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  static std::int32_t on_event(void* context, const agent_event*) {
    auto& self = *static_cast<Window*>(context);
    const std::size_t seen = self.seen.load(std::memory_order_relaxed) + 1;  // one worker, one thread
    if (seen == self.expected / warm_up) self.first = allocations;
    if (seen == self.expected) self.last = allocations;
    self.seen.store(seen, std::memory_order_release);
    return AGENT_HANDLER_DONE;
  }
};

std::uint64_t subscribe(host_stub::EventBus& bus, Window& window) {
  static constexpr std::string_view text = "acapy::inbound::.*";
  const agent_text pattern{text.data(), text.size()};
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = 1;
  subscription.patterns = &pattern;
  subscription.name = {"bench", 5};
  subscription.context = &window;
  subscription.on_event = Window::on_event;
  std::uint64_t token = 0;
  if (bus.subscribe(subscription, 0, &token, nullptr) != AGENT_OK) give_up("the handler was not taken");
  return token;
}

void measure_in(const Options& options, BenchKafka& kafka, std::size_t payload) {
  const std::string name = "allocations_in_" + std::to_string(payload);
  if (!options.wants(name)) return;
  constexpr std::size_t filled = 3'000'000;  // bytes that a partition of the mock cluster keeps
  const std::size_t count = options.count != 0 ? options.count : default_count;
  const std::string topic = kafka.create_topic(
      "acapy-inbound-bench", kafka.is_mock() ? static_cast<int>(count * (payload + 40) / filled) + 4 : partitions);
  std::vector<std::string> keys;  // so many that no partition gets much more than another
  for (int number = 0; number < 2000; ++number) keys.push_back("tenant-" + std::to_string(number));
  RawProducer(kafka.bootstrap(), topic, ReportsOn::publisher_thread)
      .run({topic, std::string(payload, 'x'), count, std::move(keys)});
  BenchHost host("kafka_events:\n  bootstrap_servers: [\"" + kafka.bootstrap() +
                 "\"]\n  outbound: []\n  inbound: { topics: [\"" + topic +
                 "\"] }\n  consumer-config: { group_id: allocations-" + std::to_string(payload) +
                 ", auto_offset_reset: earliest }\n");
  Window window;
  window.expected = count;
  const std::uint64_t token = subscribe(host.bus(), window);
  const double deadline = now() + 120;
  while (window.seen.load(std::memory_order_acquire) < count) {
    if (now() > deadline) give_up("not all records came in");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  host.bus().unsubscribe(token);
  const Figure figure = figure_of(kafka, name, payload, count, "record to handler, raw codec");
  report_value(options, figure,
               static_cast<double>(window.last - window.first) / static_cast<double>(count - count / warm_up));
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  for (const std::size_t payload : {std::size_t{100}, std::size_t{1024}}) {
    measure_out(options, kafka, payload, Await::completions);
    measure_out(options, kafka, payload, Await::status_events);
    measure_in(options, kafka, payload);
  }
  return 0;
}
