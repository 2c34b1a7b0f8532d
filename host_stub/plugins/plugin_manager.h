// All plugins of the host: found, loaded, configured, started, drained, stopped, unloaded, in this order.
//
//   PluginManager plugins(services, {.search = SearchPath::of_host(dirs, getenv("AGENT_PLUGIN_PATH"),
//   executable_path())}); if (auto loaded = plugins.load("kafka_events"); !loaded) return loaded.error(); if (auto done
//   = plugins.configure(configuration, print_problem); !done) return done.error(); if (auto started =
//   plugins.start_all(); !started) return started.error(); … for (const PluginDrain& drained : plugins.drain_all(30s))
//   print(drained); plugins.stop_all(); for (const UnloadReport& report : plugins.unload_all()) if (report.mapped)
//   print(report.reason);
//
// While they run, swap() replaces one by another version (swap.h); start, load, configure, drain, stop and unload wait for
// a swap under way, which then goes no further forward, and end a probation at once.
//
// Every lifecycle call runs on one thread, "plugin-control", with a deadline. A plugin that does not return in time is
// given up: its call yields AGENT_E_TIMEOUT, its module and instance stay in memory for ever, a new control thread
// takes over for the others. Since such a plugin may still use what HostServices refers to, a process that gave one up
// ends with std::_Exit after its last words.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/metrics.h"

#include "core/result.h"
#include "plugins/host_services.h"
#include "plugins/module_validation.h"
#include "plugins/plugin_types.h"
#include "plugins/search_path.h"
#include "plugins/swap_types.h"

namespace host_stub {

struct PluginManagerOptions {
  SearchPath search{{}};
  std::chrono::milliseconds call_timeout{15'000};  ///< for each lifecycle call; drain gets its own time in addition
  ValidatorSettings validator{};                   ///< looks at modules that are to be swapped in
};

/// Lifecycle functions (load to unload_all) belong to one thread; all others to any.
class PluginManager {
 public:
  using OnProblem = std::function<void(const ConfigProblem&)>;

  PluginManager(HostServices services, PluginManagerOptions options);
  ~PluginManager();  ///< stop_all() and unload_all()
  PluginManager(const PluginManager&) = delete;
  PluginManager& operator=(const PluginManager&) = delete;

  /// Loads a module and makes one instance of it. AGENT_E_EXISTS: a plugin of this name is loaded already.
  Result<PluginInfo> load(std::string_view name_or_path);

  /// Configures every plugin, also after one refused, so that all problems are told. The first failure is returned.
  Result<void> configure(const PluginConfiguration& configuration, const OnProblem& on_problem);

  /// Starts all in the order of loading. If one fails, those that were started are stopped again.
  Result<void> start_all();

  /// Drains all that are active, each to the same point of time; those that load later drain first.
  std::vector<PluginDrain> drain_all(std::chrono::milliseconds timeout);

  /// Stops all that are active or draining, last one first. The first failure is returned; the others are stopped
  /// still.
  Result<void> stop_all();

  /// Destroys all, removes what they forgot in the bus and the route table, unloads their modules.
  std::vector<UnloadReport> unload_all();

  /// Begins to replace a plugin's running version; the number of the swap. AGENT_E_NOT_FOUND: no such plugin;
  /// AGENT_E_BUSY: another swap is under way; AGENT_E_STATE: it is not active. All else is in the report.
  Result<std::uint64_t> swap(SwapRequest request);
  /// Waits until the new version works (`to_the_end`: until after its probation), or it will not, or the deadline.
  /// Nothing: no such swap is known (any more).
  [[nodiscard]] std::optional<SwapReport> wait_for_swap(std::uint64_t id, bool to_the_end,
                                                        std::chrono::steady_clock::time_point deadline) const;
  /// The same without waiting: `done` is called once, perhaps on the thread that swaps. False: no such swap is known.
  bool when_swapped(std::uint64_t id, bool to_the_end, std::function<void(const SwapReport&)> done) const;
  /// The last 16 of a plugin, newest first, with the one that runs.
  [[nodiscard]] std::vector<SwapReport> swaps(std::string_view plugin) const;
  [[nodiscard]] std::vector<SwapCounts> swap_counts() const;
  [[nodiscard]] bool swap_under_way() const;
  /// Does this plugin want to be swapped when its configuration file changes?
  [[nodiscard]] bool reloads_on_change(std::string_view plugin) const;

  /// One entry per plugin: the version that runs.
  [[nodiscard]] std::vector<PluginInfo> list() const;
  [[nodiscard]] std::vector<PluginHealth> health() const;
  /// Lets every plugin write its figures, one after another.
  void collect_metrics(const agent_metrics_sink& sink) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace host_stub
