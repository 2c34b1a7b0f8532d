// Reading files and standard input whole, with a bound.
#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"

namespace host_stub::cli {

/// AGENT_E_NOT_FOUND, AGENT_E_FAILED (unreadable, a directory) or AGENT_E_TOO_LARGE (over `max_bytes`), with the reason
/// and the name in the message.
[[nodiscard]] Result<std::string> read_file(const std::string& file, std::size_t max_bytes);

/// The same for an open descriptor; `name` is for messages.
[[nodiscard]] Result<std::string> read_descriptor(int descriptor, const std::string& name, std::size_t max_bytes);

}  // namespace host_stub::cli
