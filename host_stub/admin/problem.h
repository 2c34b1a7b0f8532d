// Errors as RFC 9457 problem details.
#pragma once

#include <string>
#include <string_view>

#include "admin/http_message.h"

namespace host_stub {

/// The reason phrase of a status (RFC 9110), which is also the title of its problem; "Error" for unknown ones.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// {"type":"about:blank","title":…,"status":…,"detail":…,"instance":…} and, if given, `members`: further members as
/// JSON text without braces (`"accepted":3,"retry":true`). `detail` and `instance` may hold anything; what is not UTF-8
/// in them is replaced.
[[nodiscard]] HttpReply problem(int status, std::string_view detail, std::string_view instance,
                                std::string_view members = {});

}  // namespace host_stub
