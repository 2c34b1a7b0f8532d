#include "core/resident_library.h"

#include <cstring>
#include <dlfcn.h>

namespace kafka_events {

void keep_library_resident(const void* function, const char* name) noexcept {
  Dl_info info{};
  if (dladdr(function, &info) == 0 || std::strstr(info.dli_fname, name) == nullptr) return;
  // RTLD_NOLOAD: it is there, or it is not kept.
  void* library = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  if (library != nullptr) dlclose(library);
}

}  // namespace kafka_events
