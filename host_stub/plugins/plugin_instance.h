// One instance of a plugin and the module that it comes from: its calls, each guarded against exceptions, in the order
// that plugin.h allows, and the cleaning up after it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent_plugin/ext/health.h"
#include "agent_plugin/ext/metrics.h"
#include "agent_plugin/plugin.h"

#include "core/result.h"
#include "plugins/call_gate.h"
#include "plugins/host_tables.h"
#include "plugins/module.h"
#include "plugins/plugin_types.h"

namespace host_stub {

/// Functions belong to the lifecycle thread unless said otherwise.
class PluginInstance {
 public:
  /// Calls nothing.
  PluginInstance(std::unique_ptr<LoadedModule> module, const HostServices& services, std::uint64_t number);
  ~PluginInstance();  ///< destroy() and unload(), unless it was given up
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  Result<void> create();
  /// All problems are appended to `problems`; at least one if it fails.
  Result<void> configure(const PluginConfiguration& configuration, std::vector<ConfigProblem>& problems);
  Result<void> start();
  /// Fills all of the result.
  PluginDrain drain(std::chrono::milliseconds timeout);
  Result<void> stop();
  /// Destroys the instance and removes what it left in the bus and the route table, with a warning in the log.
  void destroy();
  /// After destroy().
  UnloadReport unload();

  /// A call of it did not return from `call` in time: no call is made any more, and nothing is freed. Takes it off the
  /// bus and the route table. Any thread; nothing else may be called afterwards but info() and health().
  void give_up(const std::string& call);

  // ---- any thread ----
  [[nodiscard]] PluginInfo info() const;
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] PluginState state() const noexcept { return state_.load(std::memory_order_acquire); }
  [[nodiscard]] PluginHealth health();
  void collect_metrics(const agent_metrics_sink& sink);

 private:
  [[nodiscard]] Failure failed(std::string_view call, std::int32_t status, const agent_error& error) const;
  [[nodiscard]] Failure not_allowed(std::string_view call) const;
  Result<void> check_struct() const;
  void remove_leftovers();
  /// False: a call into the module was still running at the deadline.
  bool clear_registrations(std::chrono::milliseconds patience, std::size_t& count);

  std::unique_ptr<LoadedModule> module_;
  const std::string name_;
  PluginInfo about_;  // constant but for state and mapped
  HostSide side_;
  agent_plugin* plugin_ = nullptr;
  CallGate gate_;  // of health() and collect_metrics()
  const agent_health* health_ = nullptr;
  const agent_metrics* metrics_ = nullptr;
  std::atomic<PluginState> state_{PluginState::created};
  std::atomic<bool> mapped_{true};
  std::string stays_because_;  // why it cannot be unloaded, or empty
};

}  // namespace host_stub
