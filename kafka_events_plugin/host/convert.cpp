// The table between this module's error codes and the contract's statuses.
#include "host/convert.h"

#include <array>

namespace kafka_events::host {
namespace {

struct Pair {
  ErrorCode code;
  std::int32_t status;
};

constexpr std::array pairs{
    Pair{ErrorCode::failed, AGENT_E_FAILED},       Pair{ErrorCode::invalid, AGENT_E_INVALID},
    Pair{ErrorCode::state, AGENT_E_STATE},         Pair{ErrorCode::busy, AGENT_E_BUSY},
    Pair{ErrorCode::not_found, AGENT_E_NOT_FOUND}, Pair{ErrorCode::exists, AGENT_E_EXISTS},
    Pair{ErrorCode::timeout, AGENT_E_TIMEOUT},     Pair{ErrorCode::unsupported, AGENT_E_UNSUPPORTED},
    Pair{ErrorCode::too_large, AGENT_E_TOO_LARGE}, Pair{ErrorCode::internal, AGENT_E_INTERNAL},
};

}  // namespace

std::int32_t status_of(ErrorCode code) noexcept {
  for (const Pair& pair : pairs) {
    if (pair.code == code) return pair.status;
  }
  return AGENT_E_FAILED;
}

ErrorCode error_code_of(std::int32_t status) noexcept {
  for (const Pair& pair : pairs) {
    if (pair.status == status) return pair.code;
  }
  return ErrorCode::failed;
}

}  // namespace kafka_events::host
