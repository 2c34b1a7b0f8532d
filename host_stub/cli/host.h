// One host agent: bus, routes, plugins, admin server and, if asked for, an embedded Kafka. `start` and `demo` run it,
// `check-config` and `explain` use its first half.
//
//   Host host(settings, log);
//   host.load(); host.start_embedded_kafka(); host.configure(print); host.listen(); host.start();   // each a Result
//   …
//   DrainSummary drained = host.shut_down(std::chrono::seconds(10));
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/host_control.h"
#include "admin/route_table.h"
#include "admin/server.h"
#include "bus/event_bus.h"
#include "core/result.h"
#include "embedded_kafka/embedded_kafka.h"
#include "log/log_sink.h"
#include "plugins/plugin_manager.h"

namespace host_stub::cli {

/// Defaults of swaps, each of which may say otherwise.
struct SwapSettings {
  std::chrono::milliseconds probation{10'000};  ///< 0: none
  std::chrono::milliseconds timeout{15'000};    ///< for each step
  std::size_t max_held = HoldLimits{}.max_events;
};

struct HostSettings {
  std::vector<std::string> plugins;      ///< names or paths
  std::vector<std::string> plugin_dirs;  ///< searched first
  std::string plugin_path;               ///< AGENT_PLUGIN_PATH
  std::string config_file;               ///< empty: none
  std::vector<ConfigOverride> overrides;
  std::optional<AdminServerOptions> admin;  ///< nothing: no admin server
  bool any_admin_port = false;              ///< if the admin server's port is in use, take a free one
  bool embedded_kafka = false;
  std::optional<std::uint16_t> embedded_kafka_port;  ///< nothing: a free one
  std::string label;
  std::string wallet_id;
  SwapSettings swap;
  ValidatorSettings validator;
};

inline constexpr std::size_t max_config_bytes = std::size_t{1} << 20;

/// How a host ended.
struct DrainSummary {
  std::vector<PluginDrain> plugins;
  bool clean = true;  ///< false: something did not end in time; the process must end with std::_Exit
};

/// The steps are called in the order of their declaration, by one thread. A step that fails leaves the host as it was;
/// destruction undoes all that was done.
class Host final : private HostControl {
 public:
  Host(HostSettings settings, LogSink& log);
  ~Host() override;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Reads the configuration file and loads the plugins.
  Result<void> load();
  /// Starts the embedded Kafka if the settings ask for it, and points kafka_events to it.
  Result<void> start_embedded_kafka();
  /// Configures every plugin. All problems, warnings too, go to `on_problem`.
  Result<void> configure(const PluginManager::OnProblem& on_problem);
  /// Lets routes answer, in process and, if the settings ask for it, over HTTP.
  Result<void> listen();
  /// Starts the plugins.
  Result<void> start();

  /// Begins to replace a plugin, with the configuration as the file has it now; the number of the swap. Any thread.
  Result<std::uint64_t> begin_swap(const SwapOrder& order);
  /// The loaded plugins, after load(). Any thread.
  [[nodiscard]] const PluginManager& plugin_manager() const noexcept { return *plugins_; }

  /// Ends everything in reverse: takes no more requests, drains, stops, unloads. `timeout` is for the draining.
  DrainSummary shut_down(std::chrono::milliseconds timeout);

  /// Called by POST /shutdown, on any thread; must not block. Set it before listen().
  std::function<void()> on_shutdown_request;

  /// As /status/ready sees it. Any thread.
  [[nodiscard]] HostHealth health() override;
  [[nodiscard]] bool takes_events() override { return phase_ == Phase::running; }
  [[nodiscard]] std::vector<PluginSummary> plugins() override;

  [[nodiscard]] EventBus& bus() noexcept { return bus_; }
  [[nodiscard]] RouteTable& routes() noexcept { return routes_; }
  [[nodiscard]] const HostSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] const AdminServer* admin() const noexcept { return admin_.get(); }
  [[nodiscard]] EmbeddedKafka* embedded_kafka() noexcept { return kafka_.get(); }

 private:
  enum class Phase { starting, running, ending };

  [[nodiscard]] std::string status_json() override;
  void collect_metrics(const agent_metrics_sink& sink) override;
  void swap(SwapOrder order, std::function<void(SwapAnswer)> done) override;
  [[nodiscard]] std::optional<std::vector<std::string>> swaps(const std::string& plugin) override;
  void collect_swap_metrics(const agent_metrics_sink& sink) const;
  [[nodiscard]] Result<std::string> read_config() const;
  [[nodiscard]] bool is_loaded(std::string_view plugin) const;
  void request_shutdown() override;
  [[nodiscard]] Result<void> check_overrides() const;
  Result<void> start_admin();

  HostSettings settings_;
  LogSink& log_;
  std::string config_text_;
  std::atomic<Phase> phase_{Phase::starting};
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  // Destroyed from the last to the first: the embedded Kafka outlives the plugins, bus and routes outlive all others.
  EventBus bus_;
  RouteTable routes_;
  std::unique_ptr<EmbeddedKafka> kafka_;
  std::unique_ptr<PluginManager> plugins_;
  std::unique_ptr<AdminServer> admin_;
};

}  // namespace host_stub::cli
