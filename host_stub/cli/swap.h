// The verb `swap`: replaces a plugin of a running host, and shows the steps as they happen.
#pragma once

#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status: 0 the new version works, 1 the swap was refused or taken back, 2 it was asked for wrongly.
[[nodiscard]] int run_swap(const SwapOptions& options);

}  // namespace host_stub::cli
