// Shell completion.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace host_stub::cli {

/// A bash script that completes verbs, flags and file names: `source <(host_stub completion bash)`.
[[nodiscard]] std::string bash_completion(const CLI::App& app);

}  // namespace host_stub::cli
