// The verb `explain`: what a configuration would do with an event, asked in process. Nothing is started.
#pragma once

#include <optional>
#include <string>

#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status.
[[nodiscard]] int run_explain(ExplainOptions options);

/// The path of a plugin's route that explains events: GET …/explain.
[[nodiscard]] std::optional<std::string> explain_path(Host& host);

}  // namespace host_stub::cli
