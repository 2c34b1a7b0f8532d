// A module's file on its way into the process: checked before the dynamic linker sees it, and copied, because opening
// the same path or inode again gives the old code, and overwriting a file that is mapped ends the process.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace host_stub {

/// How the folder of every copy begins, and so the name of its mapping.
inline constexpr std::string_view module_copy_folder = "agent-plugin-";

/// A private copy under a name that this process has never used. The file goes when this does; a mapping of it stays.
class ModuleCopy {
 public:
  /// Copies `file` into a new folder of its own below `directory`. AGENT_E_NOT_FOUND, AGENT_E_INVALID (no file that
  /// could be a module: not a regular file, not readable, not a shared object of this machine, cut short),
  /// AGENT_E_FAILED (no room).
  static Result<ModuleCopy> make(const std::filesystem::path& file, const std::filesystem::path& directory);

  ModuleCopy(ModuleCopy&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ModuleCopy& operator=(ModuleCopy&&) = delete;
  ~ModuleCopy();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit ModuleCopy(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Where copies may lie: the temporary folder, and one in memory; folders that forbid execution come last.
[[nodiscard]] std::vector<std::filesystem::path> copy_directories();

/// Is this the content of a complete ELF shared object for the machine that the host runs on?
Result<void> check_shared_object(const std::string& content, const std::filesystem::path& file);

}  // namespace host_stub
