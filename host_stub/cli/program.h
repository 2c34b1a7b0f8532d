// The whole program: parses the command line, does what the verb says.
#pragma once

namespace host_stub::cli {

/// Returns the exit status.
[[nodiscard]] int run_program(int argument_count, const char* const* arguments, const char* const* environment);

}  // namespace host_stub::cli
