// A module in memory: the shared object, checked, and its description.
//
//   auto module = LoadedModule::load("/usr/lib/agent-plugins/kafka_events.so");
//   if (!module) return module.error();
//   module.value()->block().create(…);
//   …
//   if (!module.value()->unload()) …     // it stayed: still_mapped()
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent_plugin/entry.h"

#include "core/result.h"
#include "plugins/module_file.h"
#include "plugins/thread_check.h"

namespace host_stub {

/// Functions belong to one thread.
class LoadedModule {
 public:
  /// Loads a private copy of `file`, so that loading a path again gives what the file holds now, and replacing the file
  /// does not touch what runs. Consequence: a module cannot find its own libraries by $ORIGIN. AGENT_E_NOT_FOUND,
  /// AGENT_E_INVALID, AGENT_E_UNSUPPORTED (another ABI), AGENT_E_FAILED, each with what to do.
  static Result<std::unique_ptr<LoadedModule>> load(const std::filesystem::path& file);

  /// The second half of load(), for a caller that has looked at the copy before: `file` is what the copy was made of.
  static Result<std::unique_ptr<LoadedModule>> open(const ModuleCopy& copy, const std::filesystem::path& file);

  ~LoadedModule();  ///< unload(), unless leave_loaded()
  LoadedModule(const LoadedModule&) = delete;
  LoadedModule& operator=(const LoadedModule&) = delete;

  /// Until unload().
  [[nodiscard]] const agent_plugin_module& block() const noexcept { return *block_; }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

  /// Closes the shared object. True: nothing of it is mapped any more. Idempotent.
  bool unload();

  /// Is it in this process' memory, whatever the dynamic linker says?
  [[nodiscard]] bool still_mapped() const;

  /// Threads that were there before it was loaded: none of them is its own.
  [[nodiscard]] const std::set<ThreadMark>& older_threads() const noexcept { return older_threads_; }
  /// Those of `suspects` that run in it: see thread_check.h.
  [[nodiscard]] std::vector<std::string> threads_inside(const std::set<ThreadMark>& suspects,
                                                        const LookLimits& limits) const;

  /// From now on the destructor keeps it in memory for ever: some of its code may still run.
  void leave_loaded() noexcept;

 private:
  class Library;
  LoadedModule(std::filesystem::path file, std::filesystem::path copy, std::unique_ptr<Library> library,
               const agent_plugin_module* block);

  std::filesystem::path file_;
  std::filesystem::path copy_;  // its name while it was opened; no file any more
  std::unique_ptr<Library> library_;
  const agent_plugin_module* block_;
  std::set<ThreadMark> older_threads_;
};

}  // namespace host_stub
