// Checks the block in the order in which its members can be trusted.
#include "plugins/module_block.h"

#include <cstring>
#include <string>

#include "agent_plugin/entry.h"

#include "core/abi_text.h"
#include "core/utf8.h"

namespace host_stub {
namespace {

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_text_bytes = 1024;
constexpr char magic[8] = AGENT_PLUGIN_MAGIC;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

/// What stands there instead of the magic, so that it can be printed.
std::string printable(const char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t index = 0; index < size; ++index) {
    text += bytes[index] >= ' ' && bytes[index] <= '~' ? bytes[index] : '?';
  }
  return text;
}

bool is_text(const agent_text& text) noexcept {
  return text.size <= max_text_bytes && (text.size == 0 || (text.data != nullptr && is_utf8(to_view(text))));
}

bool skip_number(std::string_view& text) noexcept {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

std::string quoted(const agent_text& text) {
  return is_text(text) ? std::string("\"").append(to_view(text)) + "\"" : "(not readable text)";
}

Result<void> check_texts(const agent_plugin_module& block, const std::string& where) {
  if (!is_text(block.name) || !is_plugin_name(to_view(block.name))) {
    return Failure{AGENT_E_INVALID, where + "its name is " + quoted(block.name) +
                                        "; a plugin's name has a-z, 0-9 and _, begins with a letter, and has at most " +
                                        std::to_string(max_name_bytes) + " characters"};
  }
  if (!is_text(block.version) || !is_semantic_version(to_view(block.version))) {
    return Failure{AGENT_E_INVALID,
                   where + "its version is " + quoted(block.version) + "; it must be a semantic version such as 1.2.3"};
  }
  if (!is_text(block.build_id) || block.build_id.size == 0) {
    return Failure{AGENT_E_INVALID, where + "its build id is " + quoted(block.build_id) + "; it must not be empty"};
  }
  if (!is_text(block.description) || !is_text(block.runtime)) {
    return Failure{AGENT_E_INVALID, where + "its description or runtime is not UTF-8 text of at most " +
                                        std::to_string(max_text_bytes) + " bytes"};
  }
  return {};
}

}  // namespace

bool is_plugin_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > max_name_bytes || !is_lower(text[0])) return false;
  for (const char c : text) {
    if (!is_lower(c) && !is_digit(c) && c != '_') return false;
  }
  return true;
}

bool is_semantic_version(std::string_view text) noexcept {
  for (int part = 0; part < 3; ++part) {
    if (part > 0 && !text.starts_with('.')) return false;
    if (part > 0) text.remove_prefix(1);
    if (!skip_number(text)) return false;
  }
  if (text.empty()) return true;
  if ((text[0] != '-' && text[0] != '+') || text.size() == 1) return false;
  for (const char c : text) {
    if (!is_lower(c) && !is_upper(c) && !is_digit(c) && c != '-' && c != '+' && c != '.') return false;
  }
  return true;
}

Result<void> check_module_block(const agent_plugin_module* block, std::string_view file) {
  const std::string where = std::string(file) + ": ";
  if (block == nullptr) return Failure{AGENT_E_INVALID, where + AGENT_PLUGIN_ENTRY_SYMBOL "() returned NULL"};
  if (block->pointer_bits != 8 * sizeof(void*)) {
    return Failure{AGENT_E_UNSUPPORTED, where + "it was built for " + std::to_string(block->pointer_bits) +
                                            "-bit pointers; this host has " + std::to_string(8 * sizeof(void*)) +
                                            " bits"};
  }
  if (std::memcmp(block->magic, magic, sizeof(magic)) != 0) {
    return Failure{AGENT_E_INVALID, where + "its block begins with \"" + printable(block->magic, sizeof(magic)) +
                                        "\" instead of \"" + printable(magic, sizeof(magic)) +
                                        "\": it is not an agent plugin"};
  }
  if (block->abi_major != AGENT_ABI_MAJOR) {
    return Failure{AGENT_E_UNSUPPORTED, where + "it was built with plugin ABI " + std::to_string(block->abi_major) +
                                            "." + std::to_string(block->abi_minor) + "; this host has " +
                                            std::to_string(AGENT_ABI_MAJOR) + "." + std::to_string(AGENT_ABI_MINOR) +
                                            ", and the first number must be equal"};
  }
  if (block->size < sizeof(agent_plugin_module)) {
    return Failure{AGENT_E_INVALID, where + "its block has " + std::to_string(block->size) + " bytes; ABI 1.0 has " +
                                        std::to_string(sizeof(agent_plugin_module))};
  }
  if (auto texts = check_texts(*block, where); !texts) return texts;
  if (block->create == nullptr) return Failure{AGENT_E_INVALID, where + "its block has no create function"};
  return {};
}

}  // namespace host_stub
