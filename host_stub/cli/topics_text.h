// Answers about topics as tables for people and as lines for programs. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace host_stub::cli {

/// Text for stdout. `good` and `failed`: topics that are as asked, and those that are not.
struct TopicsShown {
  std::string text;
  std::size_t good = 0;
  std::size_t failed = 0;
};

/// {"topics": […]} of a list; `internal`: Kafka's own ones as well. As a table, or one JSON object a line.
[[nodiscard]] TopicsShown show_topics(std::string_view body, bool internal, bool as_json);
/// One topic with its partitions, and with the configuration that is not the default.
[[nodiscard]] TopicsShown show_topic(std::string_view body, bool as_json);
/// What became of topics, of an answer or of a problem that has the same list.
[[nodiscard]] TopicsShown show_outcomes(std::string_view body, bool as_json);

}  // namespace host_stub::cli
