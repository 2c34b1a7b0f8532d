// A topic for a pattern: how the test host finds events that a handler asked for.
#pragma once

#include <string>
#include <vector>

namespace plugin_validator {

/// A topic that one of these patterns (RE2) matches, or empty if none was found.
[[nodiscard]] std::string topic_for(const std::vector<std::string>& patterns);

}  // namespace plugin_validator
