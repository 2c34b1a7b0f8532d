// "Did you mean …?": the known name that is closest to a mistyped one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace host_stub::cli {

/// The candidate with the smallest edit distance (swapped neighbours count once), if it is close enough to be meant.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// ` (did you mean "start"?)`, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace host_stub::cli
