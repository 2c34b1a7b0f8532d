// RFC 4648, section 4: the alphabet with '+' and '/', padded.
#pragma once

#include <string>
#include <string_view>

namespace kafka_events {

void append_base64(std::string& out, std::string_view bytes);

/// Appends the bytes. False: the text is no base64; nothing else is let pass, no line ends, no missing padding, no stray
/// bits.
[[nodiscard]] bool append_from_base64(std::string& out, std::string_view text);

}  // namespace kafka_events
