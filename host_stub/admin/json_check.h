// Is a text JSON?
#pragma once

#include <string>
#include <string_view>

namespace host_stub {

/// Deeper nesting is refused everywhere in the admin interface, so that nobody's parser runs out of stack.
inline constexpr unsigned max_json_depth = 128;

/// Empty if `text` is one JSON value in UTF-8, otherwise what is wrong and at which byte.
[[nodiscard]] std::string json_fault(std::string_view text);

}  // namespace host_stub
