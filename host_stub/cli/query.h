// The verbs `status` and `plugins`: a question to a running host.
#pragma once

#include "cli/options.h"

namespace host_stub::cli {

/// Each returns the exit status.
[[nodiscard]] int run_status(const QueryOptions& options);
[[nodiscard]] int run_plugins(const QueryOptions& options);

}  // namespace host_stub::cli
