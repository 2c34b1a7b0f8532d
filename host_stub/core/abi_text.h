// Texts and errors of the plugin ABI to and from C++: views in, bounded buffers out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "agent_plugin/status.h"

namespace host_stub {

[[nodiscard]] constexpr std::string_view to_view(agent_text text) noexcept { return {text.data, text.size}; }
[[nodiscard]] constexpr agent_text to_text(std::string_view text) noexcept { return {text.data(), text.size()}; }

/// The longest beginning of `text` that has at most `limit` bytes and does not end within a UTF-8 character.
[[nodiscard]] constexpr std::string_view truncated(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0u) == 0x80u) --limit;
  return text.substr(0, limit);
}

/// Fills the caller's buffer, as far as its size says that it is one; `error` may be null. Returns `status`.
inline std::int32_t fill_error(agent_error* error, std::int32_t status, std::string_view message) noexcept {
  if (error == nullptr || error->size < sizeof(agent_error)) return status;
  const std::uint32_t size = error->size;
  std::memset(error, 0, sizeof(agent_error));
  error->size = size;
  error->code = status;
  const std::string_view kept = truncated(message, sizeof(error->message) - 1);
  std::copy(kept.begin(), kept.end(), error->message);
  return status;
}

}  // namespace host_stub
