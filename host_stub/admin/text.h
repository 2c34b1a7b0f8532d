// Small text tools of the admin interface: UTF-8, base64 (RFC 4648), JSON strings (RFC 8259), nearest names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace host_stub {

/// Is it well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms)?
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

/// Appends `text` as a JSON string with its quotes. `text` must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

[[nodiscard]] std::string json_string(std::string_view text);

void append_base64(std::string& out, std::string_view bytes);

/// Padded standard alphabet only; nothing for anything else.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// The candidate that is most like `text`, or empty if none is near enough to be what was meant.
[[nodiscard]] std::string_view nearest_name(std::string_view text, std::span<const std::string_view> candidates);

/// Compares in a time that depends on `given` only, never on how much of `secret` is right.
[[nodiscard]] bool equal_in_constant_time(std::string_view given, std::string_view secret) noexcept;

}  // namespace host_stub
