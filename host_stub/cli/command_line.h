// From arguments and environment to one command: which verb, which settings, which positional arguments.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/settings.h"
#include "cli/verbs.h"

namespace host_stub::cli {

/// The environment, as far as it matters to flags: AGENT_PLUGIN_CONFIG stands for --plugin-config.
using Environment = std::map<std::string, std::string>;

[[nodiscard]] Environment environment_from(const char* const* environ_entries);

/// A command line that was understood.
struct CommandLine {
  const Verb* verb = nullptr;
  Settings settings;
  std::vector<std::optional<std::string>> positionals;  ///< as many as the verb has
  std::vector<std::string> rest;                        ///< all values of a positional that takes many
};

/// The program ends here: help, version, completion, or a mistake.
struct Ending {
  int status = 0;
  std::string data;     ///< for stdout
  std::string message;  ///< for stderr
};

/// `arguments` without the program's name. A flag beats the environment, which beats the arg file. Reads the arg file.
[[nodiscard]] std::variant<CommandLine, Ending> parse_command_line(const std::vector<std::string>& arguments,
                                                                   const Environment& environment);

/// "host_stub 1.0.0 (plugin ABI 1.0)"
[[nodiscard]] std::string version_text();

/// The ending for mistakes: each line starts with "host_stub: ", and a last one points to --help.
[[nodiscard]] Ending usage_mistake(const std::vector<std::string>& problems, std::string_view verb);

}  // namespace host_stub::cli
