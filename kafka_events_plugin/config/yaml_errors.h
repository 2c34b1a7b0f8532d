// What a YAML syntax error most likely means, for a person who does not know YAML's grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/report.h"

namespace kafka_events::config {

inline constexpr std::string_view stray_comma_message =
    "YAML: a comma after the value; take it away (outside of [ ] and { } no comma ends a line)";

inline constexpr std::string_view unclosed_quote_message = "YAML: the quote that opens here is never closed";

/// A comma that follows a closed quote and ends its line: `sasl_mechanism: "PLAIN",`.
[[nodiscard]] bool is_stray_comma(std::string_view text, std::size_t offset);

/// Where the quoted value beginning at `offset` opens, if nothing closes it; npos otherwise. (yaml-cpp takes it as
/// closed.)
[[nodiscard]] std::size_t unclosed_quote(std::string_view text, std::size_t offset);

/// Reports tabs that indent lines, if there are any, or else what `yaml_message` at `offset` means.
void report_syntax_error(std::string_view text, std::size_t offset, std::string_view yaml_message, Report& report);

}  // namespace kafka_events::config
