// A failure as a value: a status of the plugin ABI (agent_plugin/status.h) and a message for a person.
#pragma once

#include <cstdint>
#include <string>

namespace host_stub {

struct Failure {
  std::int32_t status;  ///< one of AGENT_E_…
  std::string message;  ///< what happened, where, what to do
};

}  // namespace host_stub
