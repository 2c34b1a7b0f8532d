// host_stub as a process: from exec to its line "ready", and what it holds when it has nothing to do; with the plugin on a
// Kafka that is there, and without any plugin.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "bench_kafka.h"
#include "harness.h"
#include "host_process.h"
#include "memory_probe.h"

namespace {

using namespace bench;

constexpr auto settle = std::chrono::seconds(2);  // for the group's first assignment

/// One inbound topic and the default route; removed at the end.
class ConfigurationFile {
 public:
  explicit ConfigurationFile(BenchKafka& kafka) {
    std::string name = std::filesystem::temp_directory_path() / "bench-startup-XXXXXX";
    const int file = mkstemp(name.data());
    if (file < 0) give_up("cannot make a configuration file");
    close(file);
    path_ = name;
    const std::string topic = kafka.create_topic("acapy-inbound-startup", 4);
    std::ofstream(path_) << "kafka_events:\n  bootstrap_servers: [\"" << kafka.bootstrap()
                         << "\"]\n  inbound: { topics: [\"" << topic
                         << "\"] }\n  consumer-config: { group_id: " << topic << " }\n";
  }
  ~ConfigurationFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ConfigurationFile(const ConfigurationFile&) = delete;
  ConfigurationFile& operator=(const ConfigurationFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

double idle_megabytes(const std::string& configuration_file) {
  const HostProcess host(configuration_file);
  std::this_thread::sleep_for(settle);
  return resident_bytes(host.id()) / 1e6;
}

void measure_startup(const Options& options, const BenchKafka& kafka, const ConfigurationFile& file) {
  Figure figure{"startup_ms", "ms", Better::less, {}};
  if (!options.wants(figure.bench)) return;
  figure.note("kafka", kafka.kind());
  figure.note("pairs", options.pairs);
  figure.note("settings", "one worker, the default route; ready means connected and subscribed");
  report(options, figure,
         run_pairs(
             options.pairs, [] { return HostProcess("").ready_ms(); },
             [&file] { return HostProcess(file.path()).ready_ms(); }));
}

void measure_idle(const Options& options, const BenchKafka& kafka, const ConfigurationFile& file) {
  Figure figure{"memory_idle", "MB", Better::less, {}};
  if (!options.wants(figure.bench)) return;
  figure.note("kafka", kafka.kind());
  figure.note("what", "resident memory of host_stub with the plugin, one worker, nothing to do");
  figure.note("without_plugin_mb", static_cast<std::uint64_t>(idle_megabytes("")));
  report_value(options, figure, idle_megabytes(file.path()));
}

}  // namespace

int main(int argc, char** argv) {
  BenchKafka::serve_if_child(argc, argv);
  const Options options = parse_options(argc, argv);
  BenchKafka kafka(options.bootstrap);
  const ConfigurationFile file(kafka);
  measure_startup(options, kafka, file);
  measure_idle(options, kafka, file);
  return 0;
}
