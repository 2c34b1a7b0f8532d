// Lets plugin_validator look at a module before this process loads it: in a child process, which may crash or hang.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/result.h"

namespace host_stub {

struct ValidatorSettings {
  std::filesystem::path program;  ///< empty: beside the host, see find_validator()
  bool none = false;              ///< modules are not validated
};

/// plugin_validator beside the executable, or in ../libexec from there; empty: there is none.
[[nodiscard]] std::filesystem::path find_validator(const std::filesystem::path& executable);

/// Runs `plugin_validator --quick --json module`. AGENT_E_INVALID: a check failed, each is named; AGENT_E_NOT_FOUND:
/// there is no validator; AGENT_E_TIMEOUT: it was ended; AGENT_E_FAILED: it gave no verdict. The child gets a small
/// environment, without the host's secrets.
Result<void> validate_module(const std::filesystem::path& validator, const std::filesystem::path& module,
                             std::chrono::milliseconds timeout);

}  // namespace host_stub
