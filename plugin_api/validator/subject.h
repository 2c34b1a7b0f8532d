// The module under test, as a check sees it: its file, its configuration, and the loaded library.
#pragma once

#include <string>

#include "agent_plugin/entry.h"

namespace plugin_validator {

class Subject {
 public:
  Subject(std::string path, std::string configuration, std::string configuration_file, bool quick)
      : path_(std::move(path)),
        configuration_(std::move(configuration)),
        configuration_file_(std::move(configuration_file)),
        quick_(quick) {}

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool quick() const noexcept { return quick_; }

  /// Loads the module unless it is loaded. Throws a Finding with the linker's words.
  agent_plugin_entry_function entry();
  /// The block of entry(), whose members up to `create` can be read; throws a Finding otherwise.
  const agent_plugin_module& block();
  [[nodiscard]] std::string name();
  [[nodiscard]] bool is_loaded() const noexcept { return library_ != nullptr; }
  void unload();
  /// Is the file still mapped into this process, by the linker's word or by the kernel's?
  [[nodiscard]] std::string still_mapped() const;
  /// Does this code or data lie in the loaded module?
  [[nodiscard]] bool contains(const void* address);

  /// What configure() is given: the file of --config, or the block `NAME: {}`.
  [[nodiscard]] std::string configuration();
  [[nodiscard]] bool has_own_configuration() const noexcept { return !configuration_file_.empty(); }
  [[nodiscard]] std::string configuration_file() const {
    return configuration_file_.empty() ? "validator.yaml" : configuration_file_;
  }

 private:
  std::string path_;
  std::string configuration_;
  std::string configuration_file_;
  bool quick_;
  void* library_ = nullptr;
};

}  // namespace plugin_validator
