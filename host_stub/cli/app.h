// The CLI11 application made from the table of verbs. Only the command line and the completion look into it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"

namespace host_stub::cli {

/// Options keep their raw values: checking them, wherever they come from, is the settings' work.
[[nodiscard]] std::unique_ptr<CLI::App> make_app();

/// The option of `app`'s subcommand `verb` that stands for `flag`.
[[nodiscard]] CLI::Option* option_of(CLI::App& app, const Verb& verb, const Flag& flag);

}  // namespace host_stub::cli
