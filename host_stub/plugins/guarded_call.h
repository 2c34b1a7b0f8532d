// Runs a call of a plugin. An exception is a defect of the plugin, and nothing more.
#pragma once

#include <cstdint>

#include "agent_plugin/status.h"

#include "core/abi_text.h"

namespace host_stub {

/// The status of `call`; AGENT_E_INTERNAL if it threw.
template <class Call>
std::int32_t guarded(agent_error& error, Call call) noexcept {
  try {
    const std::int32_t status = call();
    return status > 0 ? AGENT_E_FAILED : status;
  } catch (...) {
    return fill_error(&error, AGENT_E_INTERNAL, "it threw an exception");
  }
}

}  // namespace host_stub
