// Boost.DLL opens, looks up and closes; everything else here is about telling a person why it did not work.
#include "plugins/module.h"

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugins/module_block.h"
#include "plugins/module_file.h"

namespace host_stub {

namespace fs = std::filesystem;

class LoadedModule::Library : public boost::dll::shared_library {
 public:
  using boost::dll::shared_library::shared_library;
};

namespace {

constexpr std::string_view noexec_mark = "failed to map segment";  // glibc's words for a folder mounted noexec

/// What the dynamic linker said, with the operator's file in place of our copy, without Boost's words around it.
std::string linker_message(const boost::system::system_error& error, const fs::path& copy, const fs::path& file) {
  std::string text = error.what();
  if (const auto begin = text.find("dlerror system message: "); begin != std::string::npos) {
    text = text.substr(begin + 24);
    if (const auto end = text.rfind(')'); end != std::string::npos) text.resize(end);
  }
  for (auto at = text.find(copy.string()); at != std::string::npos; at = text.find(copy.string())) {
    text.replace(at, copy.string().size(), file.string());
  }
  return text;
}

}  // namespace

LoadedModule::LoadedModule(fs::path file, fs::path copy, std::unique_ptr<Library> library,
                           const agent_plugin_module* block)
    : file_(std::move(file)), copy_(std::move(copy)), library_(std::move(library)), block_(block) {}

LoadedModule::~LoadedModule() { unload(); }

Result<std::unique_ptr<LoadedModule>> LoadedModule::load(const fs::path& file) {
  Failure last{AGENT_E_FAILED, "there is no folder for a copy of " + file.string()};
  for (const fs::path& directory : copy_directories()) {
    auto copy = ModuleCopy::make(file, directory);
    if (!copy) {
      if (copy.error().status != AGENT_E_FAILED) return copy.error();
      last = copy.error();
      continue;
    }
    auto opened = open(copy.value(), file);
    if (opened || opened.error().message.find(noexec_mark) == std::string::npos) return opened;
    last = opened.error();
  }
  return last;
}

Result<std::unique_ptr<LoadedModule>> LoadedModule::open(const ModuleCopy& copy, const fs::path& file) {
  std::set<ThreadMark> older_threads = threads_of_this_process();
  auto library = std::make_unique<Library>();
  try {
    library->load(copy.path().string(), boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (!library->has(AGENT_PLUGIN_ENTRY_SYMBOL)) {
      return Failure{AGENT_E_INVALID,
                     file.string() + " is not an agent plugin: it exports no " AGENT_PLUGIN_ENTRY_SYMBOL};
    }
    const agent_plugin_module* block = library->get<const agent_plugin_module*()>(AGENT_PLUGIN_ENTRY_SYMBOL)();
    if (auto checked = check_module_block(block, file.string()); !checked) return checked.error();
    std::unique_ptr<LoadedModule> module(new LoadedModule(file, copy.path(), std::move(library), block));
    module->older_threads_ = std::move(older_threads);
    return module;
  } catch (const boost::system::system_error& error) {
    return Failure{AGENT_E_FAILED, "cannot load " + file.string() + ": " + linker_message(error, copy.path(), file)};
  } catch (...) {
    return Failure{AGENT_E_INVALID, file.string() + ": " AGENT_PLUGIN_ENTRY_SYMBOL "() threw an exception"};
  }
}

bool LoadedModule::unload() {
  if (library_ != nullptr) {
    library_->unload();
    library_.reset();
    block_ = nullptr;
  }
  return !still_mapped();
}

bool LoadedModule::still_mapped() const {
  if (void* handle = ::dlopen(copy_.c_str(), RTLD_LAZY | RTLD_NOLOAD); handle != nullptr) {
    ::dlclose(handle);
    return true;
  }
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(copy_.string()) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::string> LoadedModule::threads_inside(const std::set<ThreadMark>& suspects,
                                                      const LookLimits& limits) const {
  return host_stub::threads_inside(copy_.string(), std::string(module_copy_folder), suspects, limits);
}

void LoadedModule::leave_loaded() noexcept {
  static std::mutex mutex;
  static auto* const kept = new std::vector<std::unique_ptr<Library>>;  // outlives every static object
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(library_));
}

}  // namespace host_stub
