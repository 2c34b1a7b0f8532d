// From what an operator writes after --plugin to a file: a name is looked for in a list of directories, a path is taken
// as it is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace host_stub {

class SearchPath {
 public:
  explicit SearchPath(std::vector<std::filesystem::path> directories) : directories_(std::move(directories)) {}

  /// --plugin-dir first, then AGENT_PLUGIN_PATH (`environment`, colon separated, may be null), then what was built or
  /// installed beside the executable: ../lib/agent-plugins and ../lib/*/agent-plugins from its folder.
  static SearchPath of_host(const std::vector<std::string>& plugin_dirs, const char* environment,
                            const std::filesystem::path& executable);

  [[nodiscard]] const std::vector<std::filesystem::path>& directories() const noexcept { return directories_; }

  /// The file of a plugin: NAME.so in the first directory that has it. A value with a slash, or that ends in .so, is a
  /// path. AGENT_E_NOT_FOUND lists all places, and the nearest name that is there.
  [[nodiscard]] Result<std::filesystem::path> find(std::string_view name_or_path) const;

  /// Names of all modules in the directories, sorted, each once.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  [[nodiscard]] Failure not_found(std::string_view name) const;

  std::vector<std::filesystem::path> directories_;
};

/// The folder of the running executable, for of_host().
[[nodiscard]] std::filesystem::path executable_path();

}  // namespace host_stub
