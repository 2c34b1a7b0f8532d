// One instance of a plugin and the module that it comes from: its calls, each guarded against exceptions, in the order
// that plugin.h allows, and the cleaning up after it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent_plugin/ext/handover.h"
#include "agent_plugin/ext/health.h"
#include "agent_plugin/ext/metrics.h"
#include "agent_plugin/plugin.h"

#include "core/result.h"
#include "plugins/call_gate.h"
#include "plugins/host_tables.h"
#include "plugins/module.h"
#include "plugins/plugin_types.h"

namespace host_stub {

/// Of the state that a version can read and write.
struct StateRevisions {
  std::uint32_t oldest = 0;
  std::uint32_t newest = 0;
};

/// What save() is asked for.
struct SaveCall {
  std::uint32_t revision = 1;
  std::chrono::milliseconds timeout{0};
  bool close_connections = false;
  std::string other;  ///< what the successor's describe() wrote
};

/// Functions belong to the lifecycle thread unless said otherwise.
class PluginInstance {
 public:
  static constexpr std::size_t max_state_bytes = std::size_t{64} << 20;
  static constexpr std::size_t max_description_bytes = std::size_t{64} << 10;

  /// Calls nothing. `number` is the plugin's, over all its versions; `owner` that of this instance's registrations.
  PluginInstance(std::unique_ptr<LoadedModule> module, const HostServices& services, std::uint64_t number,
                 std::uint64_t owner);
  ~PluginInstance();  ///< destroy() and unload(), unless it was given up
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  Result<void> create();
  /// All problems are appended to `problems`; at least one if it fails.
  Result<void> configure(const PluginConfiguration& configuration, std::vector<ConfigProblem>& problems);
  /// After load() it is quiesced then, else active.
  Result<void> start();
  /// Fills all of the result.
  PluginDrain drain(std::chrono::milliseconds timeout);
  Result<void> stop();

  // ---- "agent.handover/1" (plugin_handover.cpp); only if hands_over() ----
  Result<std::string> describe();
  Result<void> prepare(const std::string& other, bool close_connections);
  Result<void> quiesce(std::chrono::milliseconds timeout);
  Result<void> resume();
  /// The state; on success it is stopped, as after stop().
  Result<std::string> save(const SaveCall& call);
  Result<void> load(const std::string& state);

  /// Destroys the instance and removes what it left in the bus and the route table, with a warning in the log.
  void destroy();
  /// After destroy(). Waits up to `patience` for completions that are still to be made into it.
  UnloadReport unload(std::chrono::milliseconds patience = std::chrono::milliseconds(0));

  /// A call of it did not return from `call` in time: no call is made any more, and nothing is freed. Takes it off the
  /// bus and the route table. Any thread; nothing else may be called afterwards but info() and health().
  void give_up(const std::string& call);

  // ---- any thread ----
  [[nodiscard]] PluginInfo info() const;
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] PluginState state() const noexcept { return state_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t owner() const noexcept { return side_.owner(); }
  [[nodiscard]] HostSide& side() noexcept { return side_; }
  [[nodiscard]] bool hands_over() const noexcept { return handover_ != nullptr; }
  [[nodiscard]] StateRevisions revisions() const noexcept;
  [[nodiscard]] bool reloads_on_change() noexcept;
  /// A call that did not return in time though the plugin was not given up for it; empty: it came back, or there is none.
  [[nodiscard]] std::string late_call() const;
  void set_late_call(std::string call);
  [[nodiscard]] PluginHealth health();
  void collect_metrics(const agent_metrics_sink& sink);

 private:
  template <class Call>
  Result<void> hand_over(std::string_view name, Call call);
  [[nodiscard]] Failure failed(std::string_view call, std::int32_t status, const agent_error& error) const;
  [[nodiscard]] Failure not_allowed(std::string_view call) const;
  Result<void> check_struct() const;
  void remove_leftovers();
  /// False: a call into the module was still running at the deadline.
  bool clear_registrations(std::chrono::milliseconds patience, std::size_t& count);
  /// Looks for threads that destroy() left. `before`: those that were there when it was called.
  void find_suspects(const std::set<ThreadMark>& before);
  void check_threads();
  void find_extensions();

  std::unique_ptr<LoadedModule> module_;
  const std::string name_;
  PluginInfo about_;  // constant but for state and mapped
  HostSide side_;
  agent_plugin* plugin_ = nullptr;
  CallGate gate_;  // of health() and collect_metrics()
  const agent_health* health_ = nullptr;
  const agent_metrics* metrics_ = nullptr;
  const agent_handover* handover_ = nullptr;
  std::atomic<PluginState> state_{PluginState::created};
  std::atomic<bool> mapped_{true};
  std::atomic<bool> stays_quiesced_{false};  // resume() failed
  std::string stays_because_;                // why it cannot be unloaded, or empty
  bool was_started_ = false;
  bool loaded_ = false;                 // a state, for the next start()
  std::set<ThreadMark> suspects_;       // after destroy()
  std::set<ThreadMark> quiet_threads_;  // of the process, when it said that none of its own runs any more
  mutable std::mutex late_mutex_;
  std::string late_call_;  // guarded by late_mutex_
};

}  // namespace host_stub
