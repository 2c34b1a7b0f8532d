// JSON as text: checking it without building anything, and writing strings. All of it is safe on hostile input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kafka_events {

/// Arrays and objects may nest this deep; readers in other languages give up not far above it.
inline constexpr std::size_t max_json_depth = 500;

/// Offset of the first byte that is not UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept;

/// Is the text one JSON value (RFC 8259) in UTF-8? `too_large` for deeper nesting than max_json_depth, else `invalid`,
/// with the offset. Numbers of more than about 300 digits are not accepted.
Result<void> check_json(std::string_view text);

/// Appends the text as a JSON string with its quotes. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace kafka_events
