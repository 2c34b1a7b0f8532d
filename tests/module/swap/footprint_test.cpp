// Many swaps leave nothing behind: no thread, no descriptor, no mapping of a module.
#include <fstream>

#include "swap_helpers.h"

using namespace host_stub;
using namespace host_stub::testing;

namespace {

std::size_t entries(const char* folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    count += entry.exists() || !entry.exists() ? 1 : 0;
  return count;
}

std::size_t module_mappings() {
  std::size_t count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) count += contains(line, "/agent-plugin-") ? 1 : 0;
  return count;
}

struct Footprint {
  std::size_t threads = entries("/proc/self/task");
  std::size_t descriptors = entries("/proc/self/fd");
  std::size_t mappings = module_mappings();
};

}  // namespace

TEST_CASE("two hundred swaps leave no thread, descriptor or mapping behind, and no event is lost") {
  SwapHost host("counter_1", "later");
  host.begin_publishing(2);
  for (int round = 0; round < 4; ++round) {
    CHECK(host.swap(host.request(round % 2 == 0 ? "counter_2" : "counter_1", "later")).outcome == SwapOutcome::swapped);
  }
  const Footprint before;
  for (int round = 0; round < 200; ++round) {
    const SwapReport report = host.swap(host.request(round % 2 == 0 ? "counter_2" : "counter_1", "later"));
    REQUIRE_MESSAGE(report.outcome == SwapOutcome::swapped, report.reason);
    REQUIRE_MESSAGE(report.unmapped == true, report.why_mapped);
  }
  host.settle();
  const Footprint after;
  CHECK(after.threads <= before.threads);
  // One that was open for a moment, then or now, is not a leak: what stays is.
  const auto deadline = Clock::now() + 10s;
  while (Footprint().descriptors > before.descriptors && Clock::now() < deadline) std::this_thread::sleep_for(10ms);
  CHECK(Footprint().descriptors <= before.descriptors);
  CHECK(after.mappings == before.mappings);
  CHECK(host.plugins.swap_counts().at(0).swapped == 204);
}
