// A light check of topic and key templates, so that a misspelt placeholder is found with its place. outbound/ fills
// them in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/options.h"

namespace kafka_events::config {

/// The longest name that Kafka gives a topic, and the characters that it may have.
inline constexpr std::size_t longest_topic = 249;
[[nodiscard]] bool is_topic_character(char c);
[[nodiscard]] bool is_topic_name(std::string_view name);

/// Whether {name} is a placeholder of outbound templates ("wallet_id").
[[nodiscard]] bool is_template_name(std::string_view name);

/// What is wrong with a template of this option, nothing if it is well-formed: braces, names, and for topics the
/// characters in between.
[[nodiscard]] std::optional<std::string> template_problem(const Option& option, std::string_view text);

/// Whether all events of one event topic give the same text.
[[nodiscard]] bool depends_on_topic_only(std::string_view text);

/// Whether there is no placeholder in it.
[[nodiscard]] bool is_constant(std::string_view text);

/// The highest group ({1} to {9}, $1 to $9) that a template asks for, 0 if it asks for none.
[[nodiscard]] int highest_group(std::string_view text);

}  // namespace kafka_events::config
