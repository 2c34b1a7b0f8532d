// The host's half of agent.handover/1 as the Deposits port: keeps clients between two versions of this module.
#pragma once

#include "agent_plugin_cpp/handover.hpp"

#include "core/handover.h"

namespace kafka_events::host {

/// `host` outlives it. A host without the extension keeps nothing: deposit() fails, withdraw() finds nothing.
class HostDeposits final : public Deposits {
 public:
  explicit HostDeposits(const agent_host* host) : deposits_(agent::Deposits::of(host)) {}

  Result<void> deposit(std::string_view kind, std::string_view name, void* thing, void (*release)(void*)) override;
  [[nodiscard]] void* withdraw(std::string_view kind, std::string_view name) noexcept override;

 private:
  const agent::Deposits deposits_;
};

}  // namespace kafka_events::host
