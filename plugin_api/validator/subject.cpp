// Loading as a host does it: everything bound at once, nothing visible to other modules.
#include "subject.h"

#include <cstring>
#include <dlfcn.h>
#include <fstream>

#include "check.h"
#include "step.h"

namespace plugin_validator {

agent_plugin_entry_function Subject::entry() {
  if (library_ == nullptr) {
    step("dlopen()");
    library_ = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) {
      const char* why = ::dlerror();
      fail("the dynamic linker refuses it: ", why == nullptr ? "(no reason)" : why);
    }
  }
  void* symbol = ::dlsym(library_, AGENT_PLUGIN_ENTRY_SYMBOL);
  if (symbol == nullptr) fail("it has no symbol " AGENT_PLUGIN_ENTRY_SYMBOL "; export that function, and only that");
  agent_plugin_entry_function function = nullptr;
  std::memcpy(&function, &symbol, sizeof(function));
  return function;
}

const agent_plugin_module& Subject::block() {
  const agent_plugin_entry_function function = entry();
  step(AGENT_PLUGIN_ENTRY_SYMBOL "()");
  const agent_plugin_module* block = nullptr;
  try {
    block = function();
  } catch (...) {
    fail(AGENT_PLUGIN_ENTRY_SYMBOL "() let an exception out; it must not throw");
  }
  if (block == nullptr) fail(AGENT_PLUGIN_ENTRY_SYMBOL "() returned NULL; return the address of a constant block");
  return *block;
}

std::string Subject::name() {
  const agent_plugin_module& described = block();
  return {described.name.data, described.name.size};
}

void Subject::unload() {
  if (library_ == nullptr) return;
  step("dlclose()");
  ::dlclose(library_);
  library_ = nullptr;
}

std::string Subject::still_mapped() const {
  if (void* handle = ::dlopen(path_.c_str(), RTLD_LAZY | RTLD_NOLOAD); handle != nullptr) {
    ::dlclose(handle);
    return "dlopen with RTLD_NOLOAD finds it";
  }
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(path_)) return "/proc/self/maps has it at " + line.substr(0, line.find(' '));
  }
  return {};
}

bool Subject::contains(const void* address) {
  Dl_info of_address{};
  Dl_info of_module{};
  const agent_plugin_entry_function function = entry();
  const void* known = nullptr;
  std::memcpy(&known, &function, sizeof(known));
  return ::dladdr(address, &of_address) != 0 && ::dladdr(known, &of_module) != 0 &&
         of_address.dli_fbase == of_module.dli_fbase;
}

std::string Subject::configuration() { return has_own_configuration() ? configuration_ : name() + ": {}\n"; }

}  // namespace plugin_validator
