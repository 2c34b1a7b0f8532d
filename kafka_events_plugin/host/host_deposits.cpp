// Deposits through the C table of the host.
#include "host/host_deposits.h"

#include "host/convert.h"

namespace kafka_events::host {

Result<void> HostDeposits::deposit(std::string_view kind, std::string_view name, void* thing, void (*release)(void*)) {
  if (!deposits_) return Error(ErrorCode::unsupported, "this host keeps nothing between two versions");
  const agent::Status status = deposits_.deposit(kind, name, thing, release);
  if (status.is_ok()) return {};
  return Error(error_code_of(status.code), std::string(name) + ": " + status.message);
}

void* HostDeposits::withdraw(std::string_view kind, std::string_view name) noexcept {
  return deposits_ ? deposits_.withdraw(kind, name) : nullptr;
}

}  // namespace kafka_events::host
