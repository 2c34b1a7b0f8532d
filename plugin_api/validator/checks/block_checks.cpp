// The block, in the order in which its members can be trusted.
#include <cstring>

#include "checks/checks.h"
#include "host/memory.h"

namespace plugin_validator {
namespace {

constexpr char magic[8] = AGENT_PLUGIN_MAGIC;
constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_text_bytes = 1024;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

bool is_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > max_name_bytes || !is_lower(text[0])) return false;
  for (const char c : text) {
    if (!is_lower(c) && !is_digit(c) && c != '_') return false;
  }
  return true;
}

/// Three numbers, and then perhaps -… or +….
bool is_semantic_version(std::string_view text) noexcept {
  for (int part = 0; part < 3; ++part) {
    if (part > 0 && !text.starts_with('.')) return false;
    if (part > 0) text.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
    text.remove_prefix(digits);
  }
  if (text.empty()) return true;
  if ((text[0] != '-' && text[0] != '+') || text.size() == 1) return false;
  for (const char c : text) {
    if (!is_lower(c) && !is_upper(c) && !is_digit(c) && c != '-' && c != '+' && c != '.') return false;
  }
  return true;
}

void must_be_text(const char* member, const agent_text& text) {
  if (text.size > max_text_bytes)
    fail("its ", member, " claims ", text.size, " bytes; at most ", max_text_bytes, " are allowed");
  if (text.size > 0 && text.data == nullptr) fail("its ", member, " has ", text.size, " bytes at NULL");
  if (!is_utf8(view(text))) fail("its ", member, " is not UTF-8");
  if (view(text).find('\0') != std::string_view::npos)
    fail("its ", member, " counts a NUL byte; its size is one too large");
}

}  // namespace

void check_loads(Subject& subject) { (void)subject.entry(); }

void check_block_layout(Subject& subject) {
  const agent_plugin_module& block = subject.block();
  constexpr unsigned bits = 8 * sizeof(void*);
  if (block.pointer_bits != bits) fail("its block says ", block.pointer_bits, "-bit pointers; this machine has ", bits);
  if (std::memcmp(block.magic, magic, sizeof(magic)) != 0) {
    fail("its block does not begin with the magic \"AGNTPLUG\"; use AGENT_PLUGIN_MAGIC");
  }
  if (block.abi_major != AGENT_ABI_MAJOR) {
    fail("it was built with plugin ABI ", block.abi_major, ".", block.abi_minor, "; this validator knows ",
         AGENT_ABI_MAJOR, ".", AGENT_ABI_MINOR, ", and the first number must be equal");
  }
  if (block.size < sizeof(agent_plugin_module)) {
    fail("its block has ", block.size, " bytes; ABI 1.0 has ", sizeof(agent_plugin_module),
         "; set `size` to sizeof(agent_plugin_module)");
  }
  if (block.create == nullptr) fail("its block has no create function");
}

void check_block_texts(Subject& subject) {
  const agent_plugin_module& block = subject.block();
  must_be_text("name", block.name);
  must_be_text("version", block.version);
  must_be_text("build_id", block.build_id);
  must_be_text("description", block.description);
  must_be_text("runtime", block.runtime);
  if (!is_name(view(block.name))) {
    fail("its name is \"", view(block.name), "\"; a name has a-z, 0-9 and _, begins with a letter, and has at most ",
         max_name_bytes, " characters");
  }
  if (!is_semantic_version(view(block.version))) {
    fail("its version is \"", view(block.version), "\"; write a semantic version such as 1.2.3 (semver.org)");
  }
  if (block.build_id.size == 0) fail("its build id is empty; give what tells two builds apart, such as a hash");
  if (view(block.description).find('\n') != std::string_view::npos) fail("its description has more than one line");
}

void check_entry_constant(Subject& subject) {
  const agent_plugin_module* first = &subject.block();
  const agent_plugin_module copy = *first;
  for (int times = 0; times < 3; ++times) {
    const agent_plugin_module* again = &subject.block();
    if (again != first) fail(AGENT_PLUGIN_ENTRY_SYMBOL "() returned another pointer when it was called again");
    if (std::memcmp(&copy, again, sizeof(copy)) != 0) {
      fail("the block changed between two calls of " AGENT_PLUGIN_ENTRY_SYMBOL "(); make it a constant");
    }
  }
}

}  // namespace plugin_validator
