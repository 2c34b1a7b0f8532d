// A program that runs to its end or to a deadline, and what it wrote.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"

namespace host_stub {

struct ChildResult {
  int exit_status = -1;  ///< -1: a signal ended it
  int signal = 0;
  std::string output;  ///< stdout, at most 1 MiB
};

/// Runs `command` in a process group of its own, with nothing on stdin, stderr dropped, and of the environment only what
/// loaders and sanitizers read. AGENT_E_TIMEOUT: it was killed, with all that it started. AGENT_E_FAILED: it did not start.
Result<ChildResult> run_child(const std::vector<std::string>& command, std::chrono::milliseconds timeout);

}  // namespace host_stub
