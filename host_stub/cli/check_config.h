// The verb `check-config`: a configuration is read, and nothing is started.
#pragma once

#include "cli/announcer.h"
#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status.
[[nodiscard]] int run_check_config(CheckConfigOptions options);

/// Loads the plugins and configures them. False: what is wrong was printed.
[[nodiscard]] bool load_and_configure(Host& host, const Announcer& announcer);

}  // namespace host_stub::cli
