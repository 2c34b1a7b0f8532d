// The host's log (agent.log/1) as the Log port. A host without one is no error: nothing is written.
#pragma once

#include <span>
#include <string_view>

#include "agent_plugin/ext/log.h"

#include "core/ports.h"

namespace kafka_events::host {

class HostLog final : public Log {
 public:
  /// `log` may be nullptr; else it outlives this.
  HostLog(const agent_host* host, const agent_log* log) noexcept : host_(host), log_(log) {}

  [[nodiscard]] bool enabled(LogLevel level) const noexcept override;
  void write(LogLevel level, std::string_view component, std::string_view message,
             std::span<const LogField> fields) noexcept override;

 private:
  const agent_host* const host_;
  const agent_log* const log_;
};

}  // namespace kafka_events::host
