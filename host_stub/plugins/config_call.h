// A configuration as a plugin gets it, for the length of one configure() call, and the problems that it reports.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/config.h"
#include "agent_plugin/status.h"

#include "plugins/plugin_types.h"

namespace host_stub {

class ConfigCall {
 public:
  /// Only the overrides of `plugin` are handed on. Both references must outlive this.
  ConfigCall(const PluginConfiguration& configuration, std::string_view plugin, std::vector<ConfigProblem>& problems);
  ConfigCall(const ConfigCall&) = delete;
  ConfigCall& operator=(const ConfigCall&) = delete;

  [[nodiscard]] const agent_config& config() const noexcept { return config_; }
  /// Did the plugin report an error, and not only warnings?
  [[nodiscard]] bool has_error() const noexcept { return has_error_; }

 private:
  static void report(void* context, const agent_config_problem* problem) noexcept;

  std::vector<ConfigProblem>& problems_;
  std::vector<agent_config_override> overrides_;
  std::vector<const agent_config_override*> pointers_;
  agent_config config_{};
  bool has_error_ = false;
};

/// For a plugin that failed without reporting why: its error as a problem.
[[nodiscard]] ConfigProblem problem_of(const agent_error& error, std::string message);

}  // namespace host_stub
