// record → handler: records of Kafka through the plugin to a handler on the host's bus, against a raw group consumer
// that stores its offsets alike. The time counts from the first record to the last, joining the group is not in it.

#include <atomic>
#include <chrono>
#include <thread>
#include <unistd.h>

#include "bench_host.h"
#include "bench_kafka.h"
#include "harness.h"
#include "raw_consumer.h"
#include "raw_producer.h"

namespace {

using namespace bench;

constexpr auto deadline = std::chrono::seconds(120);

agent_text text(std::string_view value) { return {value.data(), value.size()}; }

// Counts the records that come in; the clock runs from the first one to the last.
class Counter {
 public:
  Counter(host_stub::EventBus& bus, std::size_t expected) : bus_(bus), expected_(expected) {
    const agent_text pattern = text("acapy::inbound::.*");
    agent_subscription subscription{};
    subscription.size = sizeof subscription;
    subscription.pattern_count = 1;
    subscription.patterns = &pattern;
    subscription.name = text("bench");
    subscription.context = this;
    subscription.on_event = on_event;
    if (bus.subscribe(subscription, 0, &token_, nullptr) != AGENT_OK) give_up("the handler was not taken");
  }
  ~Counter() { bus_.unsubscribe(token_); }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  double wait() {
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (seen_.load(std::memory_order_acquire) < expected_) {
      if (std::chrono::steady_clock::now() > until) {
        give_up("only " + std::to_string(seen_) + " of " + std::to_string(expected_) + " records came in");
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return last_ - first_;
  }

 private:
  static std::int32_t on_event(void* context, const agent_event* event) {
    auto& self = *static_cast<Counter*>(context);
    const std::size_t seen = self.seen_.load(std::memory_order_relaxed) + 1;  // one worker, one thread
    self.bytes_ += event->payload.size;
    if (seen == 1) self.first_ = now();
    if (seen == self.expected_) self.last_ = now();
    self.seen_.store(seen, std::memory_order_release);
    return AGENT_HANDLER_DONE;
  }

  host_stub::EventBus& bus_;
  std::uint64_t token_ = 0;
  std::size_t expected_;
  std::atomic<std::size_t> seen_{0};
  std::size_t bytes_ = 0;
  double first_ = 0;
  double last_ = 0;
};

std::string next_group() {
  static int number = 0;
  return "bench-" + std::to_string(getpid()) + "-" + std::to_string(++number);
}

double consume_ours(const std::string& bootstrap, const std::string& topic, std::size_t count) {
  BenchHost host(
      "kafka_events:\n  bootstrap_servers: [\"" + bootstrap + "\"]\n  outbound: []\n  inbound: { topics: [\"" + topic +
      "\"], on_failure: skip }\n  consumer-config: { group_id: " + next_group() + ", auto_offset_reset: earliest }\n");
  Counter counter(host.bus(), count);
  return counter.wait();
}

struct Size {
  std::size_t payload;
  std::size_t count;
};

Takes faster_way(const std::string& bootstrap, const std::string& topic, std::size_t count) {
  if (only_ours()) return Takes::batches;
  const double one_by_one = consume_raw(bootstrap, topic, next_group(), count, Takes::one_by_one);
  const double batches = consume_raw(bootstrap, topic, next_group(), count, Takes::batches);
  return batches < one_by_one ? Takes::batches : Takes::one_by_one;
}

// The mock cluster keeps some 5 MB a partition, and drops what is older.
int partitions_for(const BenchKafka& kafka, std::size_t bytes) {
  constexpr std::size_t filled = 3'000'000;
  return kafka.is_mock() ? static_cast<int>(bytes / filled) + 4 : 12;
}

void measure(const Options& options, BenchKafka& kafka, const Size& size) {
  const std::string name = "consume_" + std::to_string(size.payload);
  if (!options.wants(name)) return;
  const std::size_t count = options.count != 0 ? options.count : size.count;
  const int partitions = partitions_for(kafka, count * (size.payload + 40));
  const std::string topic = kafka.create_topic("acapy-inbound-bench", partitions);
  std::vector<std::string> keys;
  keys.reserve(2000);
  for (int number = 0; number < 2000; ++number) keys.push_back("tenant-" + std::to_string(number));
  RawProducer(kafka.bootstrap(), topic, ReportsOn::publisher_thread)
      .run({topic, std::string(size.payload, 'x'), count, std::move(keys)});
  const Takes way = faster_way(kafka.bootstrap(), topic, count);
  Figure figure{name, "records/s", Better::more, {}};
  figure.note("kafka", kafka.kind());
  figure.note("payload_bytes", size.payload);
  figure.note("records", count);
  figure.note("partitions", static_cast<std::uint64_t>(partitions));
  figure.note("pairs", options.pairs);
  figure.note("settings", "group, offset stored for each record, committed every 5 s, codec raw, 1 handler");
  figure.note("reference_takes", way == Takes::batches ? "batches" : "one by one");
  const auto rate = [count](double seconds) { return static_cast<double>(count) / seconds; };
  // The processor time has the joining in it, on both sides.
  const Pairs pairs = run_metered_pairs(
      options.pairs, count, figure,
      [&] { return rate(consume_raw(kafka.bootstrap(), topic, next_group(), count, way)); },
      [&] { return rate(consume_ours(kafka.bootstrap(), topic, count)); });
  report(options, figure, pairs);
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  for (const Size& size : {Size{100, 400'000}, Size{1024, 200'000}, Size{10'240, 20'000}})
    measure(options, kafka, size);
  return 0;
}
