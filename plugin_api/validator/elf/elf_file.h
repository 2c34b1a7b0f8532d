// What can be told of a module without loading it: its ELF header, dynamic section and dynamic symbols.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plugin_validator {

struct ElfSymbol {
  std::string name;
  unsigned binding;  // STB_…
  unsigned type;     // STT_…
};

struct ElfFile {
  std::vector<ElfSymbol> exported;  // defined, not local, visible to others
  std::uint64_t flags = 0;          // DF_…
  std::uint64_t flags_1 = 0;        // DF_1_…
  bool text_relocations = false;    // DT_TEXTREL or DF_TEXTREL

  /// Throws a Finding (failed) that says why it is no shared object for this machine.
  [[nodiscard]] static ElfFile read(const std::string& path);
};

}  // namespace plugin_validator
