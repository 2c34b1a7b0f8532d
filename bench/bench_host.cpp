#include "bench_host.h"

#include <chrono>
#include <cstdio>

#include "harness.h"

namespace bench {
namespace {

/// Warnings and errors only, to stderr.
class QuietLog final : public host_stub::LogSink {
 public:
  [[nodiscard]] host_stub::LogLevel level() const noexcept override { return host_stub::LogLevel::warning; }
  void write(host_stub::LogLevel level, std::string_view origin, std::string_view component, std::string_view message,
             std::span<const host_stub::LogField> fields) noexcept override {
    if (level < this->level()) return;
    std::fprintf(stderr, "%.*s %.*s: %.*s", static_cast<int>(origin.size()), origin.data(),
                 static_cast<int>(component.size()), component.data(), static_cast<int>(message.size()),
                 message.data());
    for (const host_stub::LogField& field : fields) {
      std::fprintf(stderr, " %.*s=%.*s", static_cast<int>(field.name.size()), field.name.data(),
                   static_cast<int>(field.value.size()), field.value.data());
    }
    std::fputc('\n', stderr);
  }
};

void print_problem(const host_stub::ConfigProblem& problem) {
  std::fprintf(stderr, "%u:%u: %s: %s\n", problem.line, problem.column, problem.key_path.c_str(),
               problem.message.c_str());
}

template <class Result>
void require(const Result& result) {
  if (!result.ok()) give_up(result.error().message);
}

}  // namespace

BenchHost::BenchHost(const std::string& yaml) : log_(std::make_unique<QuietLog>()) {
  require(routes_.start());
  const auto search = host_stub::SearchPath::of_host({}, nullptr, host_stub::executable_path());
  plugins_ = std::make_unique<host_stub::PluginManager>(
      host_stub::HostServices{bus_, routes_, *log_, "bench", "1.0.0", "bench", ""},
      host_stub::PluginManagerOptions{.search = search});
  require(plugins_->load("kafka_events"));
  require(plugins_->configure({"bench.yml", yaml, {}}, print_problem));
  require(plugins_->start_all());
}

BenchHost::~BenchHost() {
  plugins_->drain_all(std::chrono::seconds(10));
  require(plugins_->stop_all());
  plugins_->unload_all();
}

}  // namespace bench
