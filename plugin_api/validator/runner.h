// Runs the checks, each in a process of its own, and finds out how each one ended.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "check.h"
#include "options.h"

namespace plugin_validator {

/// What the module says of itself; empty while it is not known.
struct ModuleInfo {
  std::string name, version, abi;
};

struct CheckReport {
  const Check* check;
  Result result;
};

struct Report {
  ModuleInfo module;
  std::vector<CheckReport> checks;
  double milliseconds = 0;
};

/// Hears of the checks as they go.
struct Listener {
  std::function<void(const Check&)> begins;
  std::function<void(const CheckReport&)> ended;
};

[[nodiscard]] Report run_checks(const Options& options, const Listener& listener);

/// For a child process: runs the checks of its command line until one is refused, and writes how they ended.
int run_as_child(const Options& options);

}  // namespace plugin_validator
