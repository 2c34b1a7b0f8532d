// What the plugin manager takes and gives back: plain records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/plugin.h"

namespace host_stub {

/// quiesced: active, but taking in nothing new from outside, on the way to be replaced.
enum class PluginState : std::uint8_t { created, configured, active, quiesced, draining, given_up, unloaded };
[[nodiscard]] std::string_view to_string(PluginState state) noexcept;
[[nodiscard]] constexpr bool is_started(PluginState state) noexcept {
  return state == PluginState::active || state == PluginState::quiesced || state == PluginState::draining;
}

struct PluginInfo {
  std::string name;
  std::string version;
  std::string build_id;
  std::string abi;          ///< "1.0", what it was built with
  std::string path;         ///< the file it was loaded from
  std::string description;  ///< one line
  std::string runtime;      ///< libraries that it shares with the process, or empty
  PluginState state = PluginState::created;
  bool hands_over = false;     ///< it offers agent.handover/1
  std::uint64_t instance = 0;  ///< agent_event.publisher of what it publishes
  bool mapped = true;          ///< false only after unload_all()
};

/// One setting from the command line: -o PLUGIN.KEY_PATH=VALUE.
struct ConfigOverride {
  std::string plugin;
  std::string key_path;
  std::string value;
};

struct PluginConfiguration {
  std::string file;  ///< its name, for messages and relative paths
  std::string text;  ///< its content
  std::vector<ConfigOverride> overrides;
};

/// A copy of agent_config_problem.
struct ConfigProblem {
  bool warning = false;
  std::string file;
  std::uint32_t line = 0;    ///< 0: not at a place in a file
  std::uint32_t column = 0;  ///< likewise
  std::string key_path;
  std::string message;
};

struct PluginDrain {
  std::string name;
  std::int32_t status = AGENT_OK;  ///< AGENT_E_TIMEOUT: some events had to be given up
  std::string message;             ///< why, unless AGENT_OK
  agent_drain_report report{};
};

struct PluginHealth {
  std::string name;
  bool live = true;
  bool ready = true;
  std::string reason;  ///< why not, or empty
};

struct UnloadReport {
  std::string name;
  bool mapped = false;  ///< it stayed in memory
  std::string reason;   ///< why it did
};

}  // namespace host_stub
