// The door of this folder: a YAML text becomes Settings, or every problem in it at once, each with line and column.
//
//   const config::LoadResult result = config::load({.file_name = "plugins.yaml", .text = text, .base_dir =
//   "/etc/agent",
//                                                   .env = environment, .read_file = reader});
//   for (const config::Problem& problem : result.problems) print(config::to_line(problem));
//   if (!result.settings) return usage_error;
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/result.h"

namespace kafka_events::config {

/// One `-o key.path=value`: beats the file. `value` is read as YAML ("5", "[a, b]", "{a: 1}").
struct Override {
  std::string key_path;  ///< kafka_events.consumer-config.group_id
  std::string value;
};

/// The value of an environment variable, none if it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The content of a file, or why it cannot be read. The path is absolute or relative to the working directory.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

/// The name of this machine.
using HostName = std::function<std::string()>;

/// Environment, FileReader and HostName of this process. read_process_file refuses files over 1 MiB.
[[nodiscard]] std::optional<std::string> process_environment(std::string_view name);
[[nodiscard]] Result<std::string> read_process_file(const std::string& path);
[[nodiscard]] std::string process_host_name();

/// What load() reads. Views are borrowed for the call; a missing function means: no variables, no files.
struct LoadInput {
  std::string_view file_name;               ///< as messages shall name it
  std::string_view text;                    ///< the whole file, UTF-8, at most 1 MiB
  std::span<const Override> overrides;      ///< in the order given; a later one wins
  Environment env;                          ///< for ${NAME} and ${NAME:-default}
  FileReader read_file;                     ///< for ${file:PATH}, and for schemas
  std::string base_dir;                     ///< relative paths are taken from here; empty: working directory
  HostName host_name = &process_host_name;  ///< for loop_guard.origin
};

/// `settings` is there exactly when no problem is an error. Problems come in the order of the file.
struct LoadResult {
  std::optional<Settings> settings;
  std::vector<Problem> problems;
};

/// Never throws for bad input, touches nothing but `input`'s functions, takes time linear in the text (bounded to 1
/// MiB).
[[nodiscard]] LoadResult load(const LoadInput& input);

/// `file:line:column: key.path: message`, with "warning: " before the message of a warning.
[[nodiscard]] std::string to_line(const Problem& problem);

}  // namespace kafka_events::config
