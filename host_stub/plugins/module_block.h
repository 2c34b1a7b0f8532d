// Does a module's description fit this host? Every mismatch has its own message, with both values.
#pragma once

#include <string_view>

#include "agent_plugin/plugin.h"

#include "core/result.h"

namespace host_stub {

/// Reads `block` as far as its own figures allow and calls nothing. `file` is for the message.
Result<void> check_module_block(const agent_plugin_module* block, std::string_view file);

/// [a-z][a-z0-9_]*, at most 64 characters.
[[nodiscard]] bool is_plugin_name(std::string_view text) noexcept;

/// MAJOR.MINOR.PATCH, with -PRERELEASE and +BUILD (semver.org 2.0.0, less strict about leading zeros).
[[nodiscard]] bool is_semantic_version(std::string_view text) noexcept;

}  // namespace host_stub
