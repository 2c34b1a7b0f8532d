// What a stronger guarantee costs: publish → Kafka's word, at_least_once with every event through the outbox, and
// exactly_once, each beside at_least_once without outbox. Both sides count status events.

#include <filesystem>
#include <string>

#include "bench_host.h"
#include "bench_kafka.h"
#include "event_publisher.h"
#include "harness.h"

namespace {

using namespace bench;

constexpr int partitions = 4;

/// A directory beside the working directory's disk, so that fsync means what it says; removed at the end.
class OutboxDirectory {
 public:
  OutboxDirectory() {
    std::string name = std::filesystem::current_path() / "bench-outbox-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) give_up("cannot make a directory for the outbox");
    path_ = name;
  }
  ~OutboxDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OutboxDirectory(const OutboxDirectory&) = delete;
  OutboxDirectory& operator=(const OutboxDirectory&) = delete;
  [[nodiscard]] std::string path() const { return path_ / "outbox"; }

 private:
  std::filesystem::path path_;
};

std::string configuration(const std::string& bootstrap, std::string_view qos, const std::string& outbox) {
  return "kafka_events:\n  bootstrap_servers: [\"" + bootstrap +
         "\"]\n  inbound: { topics: [] }\n  producer-config: { linger_ms: 5, max_batch_size: 1000000 }\n" +
         "  outbound: [{ match: \"^acapy::outbound::.*\", qos: " + std::string(qos) + " }]\n" + outbox;
}

struct Guarantee {
  std::string name;
  std::string_view qos;
  std::string_view mode;
};

void measure(const Options& options, BenchKafka& kafka, const Guarantee& guarantee, std::size_t payload) {
  const OutboxDirectory directory;
  const PublishPlan plan{kafka.create_topic("acapy-outbound-bench", partitions), std::string(payload, 'x'),
                         options.count != 0 ? options.count : 100'000, tenants()};
  BenchHost plain(configuration(kafka.bootstrap(), "at_least_once", ""));
  BenchHost host(
      configuration(kafka.bootstrap(), guarantee.qos,
                    "  outbox: { path: \"" + directory.path() + "\", mode: " + std::string(guarantee.mode) + " }\n"));
  EventPublisher reference(plain.bus(), Await::status_events);
  EventPublisher ours(host.bus(), Await::status_events);
  const auto rate = [&plan](double seconds) { return static_cast<double>(plan.count) / seconds; };
  Figure figure{"guarantee_" + guarantee.name + "_" + std::to_string(payload), "events/s", Better::more, {}};
  figure.note("kafka", kafka.kind());
  figure.note("payload_bytes", payload);
  figure.note("events", plan.count);
  figure.note("pairs", options.pairs);
  figure.note("settings",
              "fsync group of 5 ms, linger 5 ms, 4 partitions, 64 keys, 1 publisher, status events counted");
  figure.note("reference_is", "at_least_once without outbox");
  const Pairs pairs = run_metered_pairs(
      options.pairs, plan.count, figure, [&] { return rate(reference.run(plan)); },
      [&] { return rate(ours.run(plan)); });
  report(options, figure, pairs);
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  for (const Guarantee& guarantee : {Guarantee{"outbox_always", "at_least_once", "always"},
                                     Guarantee{"exactly_once", "exactly_once", "when_needed"}}) {
    // The mock cluster knows no transactions.
    if (kafka.is_mock() && guarantee.qos == "exactly_once") continue;
    for (const std::size_t payload : {100UL, 1024UL, 10'240UL}) measure(options, kafka, guarantee, payload);
  }
  return 0;
}
