// The host's life: every step, and its end.
#include "cli/host.h"

#include <algorithm>
#include <utility>

#include "cli/files.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds request_grace{2000};  ///< for requests that run when the end begins
constexpr milliseconds idle_grace{1000};     ///< for handlers that run when the plugins have ended
constexpr std::string_view kafka_plugin = "kafka_events";

milliseconds left_until(steady_clock::time_point deadline) {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()));
}

HostServices services(EventBus& bus, RouteTable& routes, LogSink& log, const HostSettings& settings) {
  return {bus, routes, log, "host_stub", HOST_STUB_VERSION, settings.label, settings.wallet_id};
}

SearchPath search_path(const HostSettings& settings) {
  const char* path = settings.plugin_path.empty() ? nullptr : settings.plugin_path.c_str();
  return SearchPath::of_host(settings.plugin_dirs, path, executable_path());
}

}  // namespace

Host::Host(HostSettings settings, LogSink& log)
    : settings_(std::move(settings)), log_(log), bus_({.wallet_id = settings_.wallet_id}) {}

Host::~Host() = default;

Result<void> Host::load() {
  if (!settings_.config_file.empty()) {
    Result<std::string> text = read_file(settings_.config_file, max_config_bytes);
    if (!text.ok()) return text.error();
    config_text_ = std::move(text).value();
  }
  PluginManagerOptions options;
  options.search = search_path(settings_);
  options.validator = settings_.validator;
  plugins_ = std::make_unique<PluginManager>(services(bus_, routes_, log_, settings_), std::move(options));
  for (const std::string& name : settings_.plugins) {
    const Result<PluginInfo> loaded = plugins_->load(name);
    if (!loaded.ok()) return Failure{loaded.error().status, "--plugin " + name + ": " + loaded.error().message};
    // Without a file every plugin has an empty block: its defaults, and what -o says.
    if (settings_.config_file.empty()) config_text_ += loaded.value().name + ": {}\n";
  }
  return check_overrides();
}

Result<void> Host::check_overrides() const {
  const std::vector<PluginInfo> loaded = plugins_->list();
  for (const ConfigOverride& override_value : settings_.overrides) {
    const bool known = std::any_of(loaded.begin(), loaded.end(),
                                   [&](const PluginInfo& plugin) { return plugin.name == override_value.plugin; });
    if (known) continue;
    return Failure{AGENT_E_INVALID, "-o " + override_value.plugin + "." + override_value.key_path + ": no plugin " +
                                        override_value.plugin + " is loaded"};
  }
  return {};
}

Result<void> Host::start_embedded_kafka() {
  if (!settings_.embedded_kafka) return {};
  Result<std::unique_ptr<EmbeddedKafka>> kafka = EmbeddedKafka::start(settings_.embedded_kafka_port);
  if (!kafka.ok()) return kafka.error();
  kafka_ = std::move(kafka).value();
  const std::vector<PluginInfo> loaded = plugins_->list();
  const bool wanted =
      std::any_of(loaded.begin(), loaded.end(), [](const PluginInfo& plugin) { return plugin.name == kafka_plugin; });
  // The broker's own address: one hop less than the forwarder's.
  if (wanted) settings_.overrides.push_back({std::string(kafka_plugin), "bootstrap_servers", kafka_->broker_address()});
  return {};
}

Result<void> Host::configure(const PluginManager::OnProblem& on_problem) {
  return plugins_->configure({settings_.config_file, config_text_, settings_.overrides}, on_problem);
}

Result<void> Host::start_admin() {
  Result<std::unique_ptr<AdminServer>> admin = AdminServer::create(*settings_.admin, routes_, bus_, *this, log_);
  if (!admin.ok()) return admin.error();
  admin_ = std::move(admin).value();
  return admin_->start();
}

Result<void> Host::listen() {
  if (Result<void> started = routes_.start(); !started.ok()) return started;
  if (!settings_.admin.has_value()) return {};
  Result<void> started = start_admin();
  const bool in_use = !started.ok() && started.error().status == AGENT_E_EXISTS;
  if (!in_use || !settings_.any_admin_port) return started;
  admin_.reset();
  settings_.admin->port = 0;
  return start_admin();
}

Result<void> Host::start() {
  Result<void> started = plugins_->start_all();
  if (started.ok()) phase_ = Phase::running;
  return started;
}

DrainSummary Host::shut_down(milliseconds timeout) {
  const steady_clock::time_point deadline = steady_clock::now() + timeout;
  phase_ = Phase::ending;
  DrainSummary summary;
  // Requests first: an event that is accepted while the plugins leave the bus would be lost.
  const bool answered = admin_ == nullptr || admin_->stop(std::min(timeout, request_grace));
  if (!answered) log_.write(LogLevel::warning, "host", "admin", "requests were cut off at the end");
  if (plugins_ == nullptr) return summary;
  summary.plugins = plugins_->drain_all(left_until(deadline));
  const Result<void> stopped = plugins_->stop_all();
  if (!stopped.ok()) log_.write(LogLevel::error, "host", "plugins", stopped.error().message);
  bus_.close();
  const bool idle = bus_.wait_idle(std::max(deadline, steady_clock::now() + idle_grace));
  if (!idle) log_.write(LogLevel::warning, "host", "bus", "handlers were still running at the end");
  admin_.reset();
  const bool routes_ended = routes_.stop(request_grace);
  bool unloaded = true;
  for (const UnloadReport& report : plugins_->unload_all()) {
    if (!report.mapped) continue;
    unloaded = false;
    const LogField name{"plugin", report.name};
    log_.write(LogLevel::warning, "host", "plugins", "stays in memory: " + report.reason, {&name, 1});
  }
  kafka_.reset();
  summary.clean = stopped.ok() && idle && routes_ended && unloaded;
  return summary;
}

HostHealth Host::health() {
  HostHealth health;
  const Phase phase = phase_;
  if (phase != Phase::running) {
    health.ready = false;
    health.reasons.emplace_back(phase == Phase::starting ? "the host is starting" : "the host is ending");
  }
  for (const PluginHealth& plugin : plugins_->health()) {
    health.live = health.live && plugin.live;
    health.ready = health.ready && plugin.ready && plugin.live;
    if (!plugin.live || !plugin.ready) health.reasons.push_back(plugin.name + ": " + plugin.reason);
  }
  return health;
}

void Host::request_shutdown() {
  if (on_shutdown_request) on_shutdown_request();
}

}  // namespace host_stub::cli
