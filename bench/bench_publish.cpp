// publish → acknowledgement: an event of the host's bus through the plugin, against a raw producer with the same
// settings. Both copy the payload once; both are told of every single acknowledgement.

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "bench_host.h"
#include "bench_kafka.h"
#include "harness.h"
#include "raw_producer.h"

namespace {

using namespace bench;

constexpr int partitions = 4;
constexpr auto busy_rest = std::chrono::microseconds(100);

agent_text text(std::string_view value) { return {value.data(), value.size()}; }
agent_bytes bytes(std::string_view value) { return {value.data(), value.size()}; }

// The default route does the rest. As it asks for nothing in, no consumer takes processor time from either side.
std::string configuration(const std::string& bootstrap) {
  return "kafka_events:\n  bootstrap_servers: [\"" + bootstrap +
         "\"]\n  inbound: { topics: [] }\n  producer-config: { linger_ms: 5, max_batch_size: 1000000 }\n";
}

// acapy-outbound-bench-1 to acapy::outbound::bench::1: the topic rule leads back, so no record needs a header.
std::string event_topic(const std::string& kafka_topic) {
  std::string topic;
  for (const char character : kafka_topic) topic.append(character == '-' ? "::" : std::string(1, character));
  return topic;
}

// Publishes the plan's events on this thread and waits for every delivery result.
class Publisher {
 public:
  explicit Publisher(host_stub::EventBus& bus) : bus_(bus) {}

  double run(const PublishPlan& plan) {
    acknowledged_ = 0;
    agent_event_draft draft{};
    draft.size = sizeof draft;
    const std::string topic = event_topic(plan.topic);
    draft.topic = text(topic);
    draft.payload = bytes(plan.payload);
    agent_event_completion completion{};
    completion.size = sizeof completion;
    completion.context = this;
    completion.completed = on_completed;
    expected_ = plan.count;
    const double start = now();
    for (std::size_t index = 0; index < plan.count; ++index) {
      draft.tenant = text(plan.keys[index % plan.keys.size()]);
      publish(draft, completion);
    }
    for (std::size_t seen = acknowledged_; seen < plan.count; seen = acknowledged_) acknowledged_.wait(seen);
    return now() - start;
  }

 private:
  void publish(const agent_event_draft& draft, const agent_event_completion& completion) {
    for (;;) {
      const std::int32_t status = bus_.publish(draft, 0, &completion, nullptr, nullptr);
      if (status == AGENT_OK) return;
      if (status != AGENT_E_BUSY) give_up("an event was not taken");
      std::this_thread::sleep_for(busy_rest);
    }
  }

  static void on_completed(void* context, std::uint64_t, const agent_event_result* result) {
    if (result->outcome == AGENT_OUTCOME_BUSY) return;  // is published again
    if (result->outcome != AGENT_OUTCOME_DONE || result->handlers == 0) give_up("an event was not delivered");
    auto& self = *static_cast<Publisher*>(context);
    if (self.acknowledged_.fetch_add(1, std::memory_order_release) + 1 == self.expected_) {
      self.acknowledged_.notify_all();
    }
  }

  host_stub::EventBus& bus_;
  std::size_t expected_ = 0;
  std::atomic<std::size_t> acknowledged_{0};
};

std::vector<std::string> tenants() {
  std::vector<std::string> keys;
  for (int number = 100; number < 164; ++number)
    keys.push_back("3fa85f64-5717-4562-b3fc-2c963f66a" + std::to_string(number));
  return keys;
}

struct Size {
  std::size_t payload;
  std::size_t count;
};

// The faster one of the two ways, on this machine and Kafka.
ReportsOn faster_way(const std::string& bootstrap, const PublishPlan& plan) {
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

void measure(const Options& options, BenchKafka& kafka, const Size& size) {
  PublishPlan plan{kafka.create_topic("acapy-outbound-bench", partitions), std::string(size.payload, 'x'),
                   options.count != 0 ? options.count : size.count, tenants()};
  const ReportsOn way = faster_way(kafka.bootstrap(), plan);
  RawProducer raw(kafka.bootstrap(), plan.topic, way);
  BenchHost host(configuration(kafka.bootstrap()));
  Publisher publisher(host.bus());
  const auto rate = [&plan](double seconds) { return static_cast<double>(plan.count) / seconds; };
  Figure figure{"publish_" + std::to_string(size.payload), "events/s", Better::more, {}};
  figure.note("kafka", kafka.kind());
  figure.note("payload_bytes", size.payload);
  figure.note("events", plan.count);
  figure.note("pairs", options.pairs);
  figure.note("settings", "acks=all, idempotent, linger 5 ms, 4 partitions, 64 keys, 1 publisher, no status listener");
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
  for (const Size& size : {Size{100, 400'000}, Size{1024, 200'000}, Size{10'240, 30'000}})
    measure(options, kafka, size);
  return 0;
}
