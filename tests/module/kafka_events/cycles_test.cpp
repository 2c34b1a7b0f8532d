// 200 times load, configure, start, publish, drain, stop, unload in one process: nothing may pile up.
#include <cstdint>
#include <dirent.h>
#include <doctest/doctest.h>
#include <fstream>
#include <malloc.h>
#include <string>
#include <unistd.h>

#include "host_fixture.h"
#include "kafka_peer.h"

namespace {

using namespace module_test;

constexpr int cycles = 200;
constexpr int warm_up = 40;
constexpr int events_per_cycle = 20;
constexpr std::int64_t allowed_growth_per_cycle = 16 * 1024;

std::int64_t entries(const char* folder) {
  DIR* directory = opendir(folder);
  REQUIRE(directory != nullptr);
  std::int64_t count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

struct Footprint {
  std::int64_t threads = 0;
  std::int64_t descriptors = 0;
  std::int64_t files_mapped = 0;  ///< mappings of files; those of the allocator come and go
  std::int64_t resident_bytes = 0;

  static Footprint now() {
    malloc_trim(0);
    Footprint footprint;
    footprint.threads = entries("/proc/self/task");
    footprint.descriptors = entries("/proc/self/fd");
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) footprint.files_mapped += line.find('/') != std::string::npos;
    std::ifstream statm("/proc/self/statm");
    std::int64_t total = 0;
    std::int64_t resident = 0;
    statm >> total >> resident;
    footprint.resident_bytes = resident * sysconf(_SC_PAGESIZE);
    return footprint;
  }
};

/// What this cycle consumes: mostly nothing; sometimes it joins a group; at times it waits for a record as well, which
/// takes the embedded Kafka three seconds.
enum class Consumes { nothing, joins, record };
Consumes consumes(int number) {
  if (number % 50 == 30) return Consumes::record;
  return number % 10 == 5 ? Consumes::joins : Consumes::nothing;
}

std::string configuration(const host_stub::EmbeddedKafka& kafka, int number) {
  if (consumes(number) == Consumes::nothing) return yaml(kafka.bootstrap_servers(), "  inbound: { topics: [] }\n");
  return yaml(kafka.bootstrap_servers(),
              "  inbound: { topics: [acapy-inbound-cycle] }\n"
              "  consumer-config: { auto_offset_reset: earliest, session_timeout_ms: 6000, heartbeat_interval_ms: 500,"
              " group_id: cycle" +
                  std::to_string(number) + " }\n");
}

void cycle(host_stub::EmbeddedKafka& kafka, int number) {
  Host host;
  const Watcher sent(host.bus, "^acapy::outbound::cycle::sent_to_external_queue$");
  const Watcher received(host.bus, "^acapy::inbound::cycle$");
  host.run(configuration(kafka, number));
  if (consumes(number) == Consumes::record) REQUIRE(received.wait_for(1));
  for (int i = 0; i < events_per_cycle; ++i) REQUIRE(host.publish("acapy::outbound::cycle", "x") == AGENT_OK);
  const auto drained = host.plugins.drain_all(10s);
  REQUIRE(drained.size() == 1);
  REQUIRE(drained[0].status == AGENT_OK);
  REQUIRE(sent.count() == events_per_cycle);
  const auto reports = host.end();
  REQUIRE(reports.size() == 1);
  REQUIRE_MESSAGE(!reports[0].mapped, reports[0].reason);
}

}  // namespace

TEST_CASE("200 cycles leave no thread, no descriptor, no mapping, and bounded memory") {
  auto kafka = host_stub::EmbeddedKafka::start();
  REQUIRE(kafka.ok());
  REQUIRE(kafka.value()->create_topics({"acapy-outbound-cycle", "acapy-inbound-cycle"}).ok());
  REQUIRE(KafkaPeer(kafka.value()->bootstrap_servers()).produce("acapy-inbound-cycle", "record"));
  const auto begin = std::chrono::steady_clock::now();
  Footprint before;
  for (int number = 0; number < cycles; ++number) {
    cycle(*kafka.value(), number);
    if (number == warm_up) before = Footprint::now();
  }
  // The broker notices closed connections in its own time.
  CHECK(eventually([&] { return Footprint::now().descriptors <= before.descriptors; }));
  CHECK(eventually([&] { return Footprint::now().threads <= before.threads; }));
  const Footprint after = Footprint::now();
  CHECK(after.files_mapped == before.files_mapped);
  const std::int64_t growth = (after.resident_bytes - before.resident_bytes) / (cycles - 1 - warm_up);
  MESSAGE(growth << " bytes a cycle; "
                 << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() << " s");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their quarantine and shadow grow by design
  CHECK(growth <= allowed_growth_per_cycle);
#endif
}
