// A host for one plugin instance, small enough to read: the struct of host.h, and the extensions behind it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent_plugin/ext/log.h"
#include "agent_plugin/host.h"

#include "host/admin_routes.h"
#include "host/deposits.h"
#include "host/event_bus.h"
#include "host/ledger.h"
#include "host/memory.h"

namespace plugin_validator {

struct HostSettings {
  Layout layout = Layout::plain;
  std::string missing = {};    // the id of an extension that is not offered; "*": none is
  std::uint64_t instance = 1;  // agent_host.instance
  std::shared_ptr<Vault> vault = std::make_shared<Vault>();
  std::function<bool(const void*)> is_in_module = {};
};

class TestHost {
 public:
  /// Hosts are never freed: a plugin that calls after destroy() is to be caught, not to crash.
  [[nodiscard]] static TestHost& make(HostSettings settings = {});
  [[nodiscard]] static TestHost& of(const agent_host* host) { return *static_cast<TestHost*>(host->host_data); }

  [[nodiscard]] const agent_host* table() const noexcept { return table_; }
  [[nodiscard]] Layout layout() const noexcept { return settings_.layout; }
  [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
  [[nodiscard]] EventBus& bus() noexcept { return bus_; }
  [[nodiscard]] AdminRoutes& routes() noexcept { return routes_; }
  [[nodiscard]] Deposits& deposits() noexcept { return deposits_; }
  [[nodiscard]] Vault& vault() noexcept { return *settings_.vault; }

  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

 private:
  explicit TestHost(HostSettings settings);
  [[nodiscard]] const void* get_extension(std::string_view id);

  HostSettings settings_;
  Arena memory_;
  Ledger ledger_;
  EventBus bus_;
  AdminRoutes routes_;
  Deposits deposits_;
  agent_event_bus* bus_table_;
  agent_admin_routes* routes_table_;
  agent_log* log_table_;
  agent_handover_host* deposits_table_;
  agent_host* table_;
};

/// The ids of what this host offers; a plugin must do without any of them or say so in create().
constexpr const char* host_extensions[] = {AGENT_EXT_EVENT_BUS, AGENT_EXT_LOG, AGENT_EXT_ADMIN_ROUTES,
                                           AGENT_EXT_HANDOVER};

}  // namespace plugin_validator
