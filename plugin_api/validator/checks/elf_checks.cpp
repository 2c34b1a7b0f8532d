// What the file says of itself. Each of these keeps a module in memory after dlclose(), or lets it disturb another one.
#include <elf.h>

#include "agent_plugin/entry.h"

#include "checks/checks.h"
#include "elf/elf_file.h"

namespace plugin_validator {
namespace {

/// The first names of a long list.
std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t index = 0; index < names.size() && index < 3; ++index)
    text += (index == 0 ? "" : ", ") + names[index];
  return names.size() > 3 ? text_of(text, " and ", names.size() - 3, " more") : text;
}

}  // namespace

void check_shared_object(Subject& subject) { (void)ElfFile::read(subject.path()); }

void check_one_symbol(Subject& subject) {
  std::vector<std::string> others;
  bool has_entry = false;
  for (const ElfSymbol& symbol : ElfFile::read(subject.path()).exported) {
    if (symbol.name == AGENT_PLUGIN_ENTRY_SYMBOL) {
      has_entry = true;
      if (symbol.type != STT_FUNC) fail(AGENT_PLUGIN_ENTRY_SYMBOL " is exported, but it is no function");
    } else if (symbol.binding != STB_GNU_UNIQUE) {  // those are told by no-gnu-unique
      others.push_back(symbol.name);
    }
  }
  if (!has_entry) fail("it does not export " AGENT_PLUGIN_ENTRY_SYMBOL "; declare it extern \"C\" with AGENT_EXPORT");
  if (others.empty()) return;
  fail("it exports ", others.size(), " symbols besides " AGENT_PLUGIN_ENTRY_SYMBOL ": ", some_of(others),
       "; link with the version script { global: agent_plugin_entry; local: *; }; (CMake: agent_plugin_module())");
}

void check_no_gnu_unique(Subject& subject) {
  std::vector<std::string> found;
  for (const ElfSymbol& symbol : ElfFile::read(subject.path()).exported) {
    if (symbol.binding == STB_GNU_UNIQUE) found.push_back(symbol.name);
  }
  if (found.empty()) return;
  fail("it exports ", found.size(), " GNU_UNIQUE symbols, which keep it in memory for ever: ", some_of(found),
       "; compile with -fno-gnu-unique and link with a version script");
}

void check_no_text_relocations(Subject& subject) {
  if (!ElfFile::read(subject.path()).text_relocations) return;
  fail(
      "it has text relocations (DT_TEXTREL), so its code cannot be shared and hardened systems refuse it; compile all "
      "of "
      "it with -fPIC and link with -Wl,-z,text");
}

void check_no_static_tls(Subject& subject) {
  if ((ElfFile::read(subject.path()).flags & DF_STATIC_TLS) == 0) return;
  fail(
      "it needs static thread-local storage (DF_STATIC_TLS), of which a running process has little left, and keeps its "
      "place; remove thread-local variables, or the option -ftls-model=initial-exec");
}

void check_no_nodelete(Subject& subject) {
  const ElfFile file = ElfFile::read(subject.path());
  if ((file.flags_1 & DF_1_NODELETE) != 0)
    fail("it is marked to stay in memory (DF_1_NODELETE); link without -z nodelete");
  if ((file.flags_1 & DF_1_NOOPEN) != 0) fail("it is marked not to be loaded (DF_1_NOOPEN); link without -z nodlopen");
}

}  // namespace plugin_validator
