// The verb `demo`: publishes sample events to an embedded Kafka, and checks what became of every one of them.
#pragma once

#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status: 0 if every event was delivered once and came back once, unchanged.
[[nodiscard]] int run_demo(DemoOptions options);

}  // namespace host_stub::cli
