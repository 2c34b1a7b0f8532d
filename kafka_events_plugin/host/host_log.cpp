// Log lines on their way to the host. More fields than the bound are left away rather than allocated for.
#include "host/host_log.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "host/convert.h"

namespace kafka_events::host {
namespace {
constexpr std::size_t max_fields = 16;
}

bool HostLog::enabled(LogLevel level) const noexcept {
  return log_ != nullptr && static_cast<std::int32_t>(level) >= log_->level(host_);
}

void HostLog::write(LogLevel level, std::string_view component, std::string_view message,
                    std::span<const LogField> fields) noexcept {
  if (!enabled(level)) return;
  std::array<agent_log_field, max_fields> values{};
  std::array<const agent_log_field*, max_fields> pointers{};
  const std::size_t count = std::min(fields.size(), max_fields);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = {static_cast<std::uint32_t>(sizeof(agent_log_field)), 0, agent::text(fields[i].name),
                 agent::text(fields[i].value)};
    pointers[i] = &values[i];
  }
  log_->write(host_, static_cast<std::int32_t>(level), agent::text(component), agent::text(message), pointers.data(),
              count);
}

}  // namespace kafka_events::host
