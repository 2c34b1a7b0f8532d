// Loading, running and unloading over and over leaves the process as it was: threads, descriptors, mappings, memory.
#include <fstream>
#include <sstream>

#include "loading_helpers.h"

namespace host_stub::testing {
namespace {

long entries_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

/// Lines of /proc/self/maps, without memory that belongs to no file: the allocator may split and join its own.
long mapped_files() {
  std::ifstream maps("/proc/self/maps");
  long count = 0;
  for (std::string line; std::getline(maps, line);) count += contains(line, "/") ? 1 : 0;
  return count;
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

void cycle(TestHost& host) {
  PluginManager plugins({host.bus, host.routes, host.log, "test_host", "1.0.0", "", ""},
                        {SearchPath({std::filesystem::path(FIXTURES)})});
  REQUIRE(plugins.load("good").ok());
  REQUIRE(plugins.configure({}, [](const ConfigProblem&) {}).ok());
  REQUIRE(plugins.start_all().ok());
  plugins.drain_all(1s);
  REQUIRE(plugins.stop_all().ok());
  REQUIRE_FALSE(plugins.unload_all().at(0).mapped);
}

}  // namespace

TEST_CASE("200 cycles of load, run and unload leave nothing behind") {
  TestHost host;
  for (int warm_up = 0; warm_up < 10; ++warm_up) cycle(host);
  const long threads = entries_of("/proc/self/task");
  const long descriptors = entries_of("/proc/self/fd");
  const long mappings = mapped_files();
  const long resident = resident_kib();
  for (int count = 0; count < 200; ++count) cycle(host);
  CHECK(entries_of("/proc/self/task") == threads);
  CHECK(entries_of("/proc/self/fd") == descriptors);
  CHECK(mapped_files() == mappings);
  CHECK(host.bus.statistics().alive == 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their bookkeeping grows
  CHECK(resident_kib() - resident < 1024);
#else
  (void)resident;
#endif
}

}  // namespace host_stub::testing
