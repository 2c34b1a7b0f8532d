// The verb `publish`.
#pragma once

#include "cli/line_source.h"
#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status.
[[nodiscard]] int run_publish(const PublishOptions& options);

/// The event of a command line without --lines, as one line for the host.
[[nodiscard]] Result<EventLine> event_from_options(const PublishOptions& options);

}  // namespace host_stub::cli
