// The verb `request`: publishes an event that wants an answer through a running host, and waits for the answer.
#pragma once

#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status: 0 with the answer's payload on stdout, 3 if the request was taken and no answer came in time, 1
/// if it could not be delivered.
[[nodiscard]] int run_request(const RequestOptions& options);

}  // namespace host_stub::cli
