// The two layers below the command line: the environment and the arg file.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace host_stub::cli {

/// "AGENT_LOG_LEVEL" for log-level.
[[nodiscard]] std::string environment_name(std::string_view flag);

/// Sets every flag of `verb` that the environment has a value for and that is not set yet.
void apply_environment(const Verb& verb, const Environment& environment, Settings& settings);

/// Reads --arg-file, if there is one, and sets what is not set yet. What is wrong comes back as text.
[[nodiscard]] std::vector<std::string> apply_arg_file(const Verb& verb, Settings& settings);

/// --admin-api-key and --admin-insecure-mode exclude each other: the one from the higher layer stays.
void settle_admin_access(Settings& settings);

/// Refuses values that are not among a flag's choices.
void check_choices(const Verb& verb, Settings& settings);

}  // namespace host_stub::cli
