// The host as one plugin instance sees it: the agent_host struct and the tables of "agent.event_bus/1", "agent.log/1"
// and "agent.admin_routes/1". No exception leaves any of their functions.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "agent_plugin/host.h"

#include "plugins/host_services.h"

namespace host_stub {

/// Lives as long as the plugin instance may call the host. Stays where it is: agent_host points to it.
class HostSide {
 public:
  HostSide(const HostServices& services, std::string plugin, std::uint64_t instance);
  HostSide(const HostSide&) = delete;
  HostSide& operator=(const HostSide&) = delete;

  [[nodiscard]] const agent_host& host() const noexcept { return host_; }
  [[nodiscard]] const HostServices& services() const noexcept { return services_; }
  [[nodiscard]] const std::string& plugin() const noexcept { return plugin_; }
  [[nodiscard]] std::uint64_t instance() const noexcept { return host_.instance; }

  /// The plugin was given up: from now on its calls are answered with AGENT_E_STATE and reach nothing.
  void cut_off() noexcept { cut_off_.store(true, std::memory_order_release); }
  [[nodiscard]] bool is_cut_off() const noexcept { return cut_off_.load(std::memory_order_acquire); }

 private:
  HostServices services_;
  std::string plugin_;
  agent_host host_;
  std::atomic<bool> cut_off_{false};
};

}  // namespace host_stub
