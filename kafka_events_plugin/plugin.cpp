// What the host drives, and how: the configuration becomes a Bridge, the controller starts and stops it, the admin
// routes show it. Lifecycle calls and HTTP requests meet in the controller's queue, so they never overlap.
#include "plugin.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/controller.h"
#include "admin/routes.h"
#include "config/loader.h"
#include "host/instance.h"
#include "host/lifecycle.h"
#include "kafka/properties.h"
#include "plugin/bridge.h"
#include "telemetry/figures.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// The bridge of the newest configuration, for a controller and routes that live longer than one configuration.
class CurrentBridge final : public admin::BridgeService {
 public:
  [[nodiscard]] std::shared_ptr<Bridge> get() const {
    const std::scoped_lock lock(mutex_);
    return bridge_;
  }
  void set(std::shared_ptr<Bridge> bridge) {
    const std::scoped_lock lock(mutex_);
    bridge_.swap(bridge);
  }
  /// From a drain on until the next start by the host, nobody else starts it again.
  void forbid_start(bool forbidden) { start_forbidden_ = forbidden; }

  Result<void> start() override {
    if (start_forbidden_) return Error(ErrorCode::state, "the host is ending the plugin");
    return get()->start();
  }
  Result<admin::StopCounts> stop(Clock::time_point deadline) override { return get()->stop(deadline); }
  [[nodiscard]] admin::StatusView status() const override { return get()->status(); }
  [[nodiscard]] admin::ConfigurationView configuration() const override { return get()->configuration(); }
  [[nodiscard]] Explanation explain(const Event& event) const override { return get()->explain(event); }
  Result<void> command(const std::string& worker, ConsumerCommand command, Clock::time_point deadline,
                       admin::CommandAnswer answer) override {
    return get()->command(worker, std::move(command), deadline, std::move(answer));
  }
  Result<void> list_dead_letters(DeadLetterQuery query, Clock::time_point deadline, admin::ListAnswer answer) override {
    return get()->list_dead_letters(std::move(query), deadline, std::move(answer));
  }
  Result<void> redrive(RedriveRequest request, Clock::time_point answer_by, admin::RedriveAnswer answer) override {
    return get()->redrive(std::move(request), answer_by, std::move(answer));
  }
  [[nodiscard]] std::optional<RedriveReport> last_redrive() const override { return get()->last_redrive(); }
  [[nodiscard]] std::vector<std::string> worker_names() const override { return get()->worker_names(); }

 private:
  mutable std::mutex mutex_;  // guards bridge_
  std::shared_ptr<Bridge> bridge_;
  std::atomic<bool> start_forbidden_{false};
};

class Plugin final : public host::Lifecycle {
 public:
  explicit Plugin(const host::Ports& ports) : ports_(ports), controller_(bridge_, ports.log) {
    if (ports.routes != nullptr) routes_.emplace(*ports.routes, controller_, bridge_);
  }
  ~Plugin() override { (void)Plugin::stop(); }

  Result<void> configure(const host::Configuration& configuration) override;
  Result<void> start() override;
  Result<host::DrainCounts> drain(std::chrono::milliseconds timeout) override;
  Result<void> stop() override;
  [[nodiscard]] host::HealthReport health() const override;
  void collect(telemetry::MetricsWriter& writer) const override;

 private:
  static constexpr std::chrono::seconds start_deadline{10};
  static constexpr std::chrono::seconds stop_deadline{5};

  const host::Ports ports_;
  bool started_ = false;  // lifecycle thread
  CurrentBridge bridge_;
  admin::Controller controller_;
  std::optional<admin::Routes> routes_;  // last: no request comes when the others go
};

void report(const host::Configuration& to, const config::Problem& problem) {
  to.report({.is_error = problem.severity == config::Severity::error,
             .file = problem.place.file,
             .line = problem.place.line,
             .column = problem.place.column,
             .key_path = problem.place.key_path,
             .message = problem.message});
}

config::LoadResult load(const host::Configuration& configuration) {
  std::vector<config::Override> overrides;
  overrides.reserve(configuration.overrides.size());
  for (const host::ConfigurationOverride& entry : configuration.overrides) {
    overrides.push_back({entry.key_path, entry.value});
  }
  const std::size_t slash = configuration.file.rfind('/');
  return config::load(
      {.file_name = configuration.file,
       .text = configuration.text,
       .overrides = overrides,
       .env = &config::process_environment,
       .read_file = &config::read_process_file,
       .base_dir = slash == std::string_view::npos ? std::string() : std::string(configuration.file.substr(0, slash))});
}

/// What librdkafka thinks of the properties; the same one in several clients is told once.
std::vector<config::Problem> check_clients(const config::Settings& settings) {
  std::vector<config::Problem> problems = check_properties(settings.producer.properties);
  const auto known = [&](const config::Problem& problem) {
    return std::any_of(problems.begin(), problems.end(), [&](const config::Problem& other) {
      return other.message == problem.message && other.place.line == problem.place.line &&
             other.place.key_path == problem.place.key_path;
    });
  };
  for (const config::WorkerSettings& worker : settings.workers) {
    for (config::Problem& problem : check_properties(worker.properties)) {
      if (!known(problem)) problems.push_back(std::move(problem));
    }
  }
  return problems;
}

Result<void> Plugin::configure(const host::Configuration& configuration) {
  if (started_) return Error(ErrorCode::state, "it is running; stop it before it is configured anew");
  config::LoadResult loaded = load(configuration);
  if (loaded.settings) {
    for (config::Problem& problem : check_clients(*loaded.settings)) loaded.problems.push_back(std::move(problem));
    for (config::Problem& problem : Senders::check(*loaded.settings)) loaded.problems.push_back(std::move(problem));
  }
  const config::Problem* first = nullptr;
  for (const config::Problem& problem : loaded.problems) {
    report(configuration, problem);
    if (first == nullptr && problem.severity == config::Severity::error) first = &problem;
  }
  if (first != nullptr) return Error(ErrorCode::invalid, config::to_line(*first));
  if (!loaded.settings) return Error(ErrorCode::internal, "the configuration was refused without a reason");

  auto bridge = Bridge::create(*std::move(loaded.settings), ports_.bus, ports_.log);
  if (!bridge) {
    configuration.report({.file = configuration.file, .key_path = "kafka_events", .message = bridge.error().message});
    return Error(ErrorCode::invalid, bridge.error().message);
  }
  bridge_.set(std::move(bridge).value());
  return routes_ ? routes_->add() : Result<void>();
}

Result<void> Plugin::start() {
  if (started_) return Error(ErrorCode::state, "it was started already");
  if (bridge_.get() == nullptr) return Error(ErrorCode::state, "it has no configuration yet");
  bridge_.forbid_start(false);
  Result<void> opened = controller_.open();
  if (!opened) return opened;
  const Result<admin::StopCounts> started = controller_.run(admin::Command::start, Clock::now() + start_deadline);
  started_ = true;
  if (started) return {};
  (void)stop();
  return started.error();
}

Result<host::DrainCounts> Plugin::drain(std::chrono::milliseconds timeout) {
  if (!started_) return Error(ErrorCode::state, "it is not running");
  bridge_.forbid_start(true);
  // A drain without time still has to reach the control thread.
  const Result<admin::StopCounts> drained =
      controller_.run(admin::Command::stop, Clock::now() + std::max<std::chrono::milliseconds>(timeout, 200ms));
  if (!drained) return drained.error();
  const admin::StopCounts& counts = drained.value();
  return host::DrainCounts{counts.delivered, counts.undelivered, counts.kept,
                           counts.in_time && counts.undelivered == 0};
}

Result<void> Plugin::stop() {
  if (!started_) return {};
  bridge_.forbid_start(true);
  const Result<admin::StopCounts> stopped = controller_.run(admin::Command::stop, Clock::now() + stop_deadline);
  controller_.close();
  bridge_.get()->unsubscribe();
  started_ = false;
  if (!stopped) return stopped.error();
  return {};
}

host::HealthReport Plugin::health() const {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  if (bridge == nullptr) return {true, false, "it has no configuration yet"};
  if (controller_.state() == admin::BridgeState::failed) return {true, false, controller_.reason()};
  return bridge->health();
}

void Plugin::collect(telemetry::MetricsWriter& writer) const {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  if (bridge != nullptr) telemetry::write(bridge->figures(), writer);
}

Result<std::unique_ptr<host::Lifecycle>> make(const host::Ports& ports) {
  return std::unique_ptr<host::Lifecycle>(std::make_unique<Plugin>(ports));
}

}  // namespace

std::int32_t create_plugin(const ::agent_host* host, ::agent_plugin** plugin, ::agent_error* error) noexcept {
  return host::create_instance(host, plugin, error, &make);
}

}  // namespace kafka_events
