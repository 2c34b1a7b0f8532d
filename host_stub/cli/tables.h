// Answers of the admin server for people: tables, and JSON as indented lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace host_stub::cli {

/// Columns as wide as their widest cell; the first row is the heading. The last column is not padded.
[[nodiscard]] std::string format_table(const std::vector<std::vector<std::string>>& rows);

/// `{"a": 1, "b": {"c": [2, 3]}}` as lines "a: 1", "b:", "  c: 2, 3". Text that is no JSON is returned as it is.
[[nodiscard]] std::string json_for_people(std::string_view json);

/// JSON on one line, or the text itself if it is none.
[[nodiscard]] std::string json_on_one_line(std::string_view json);

/// An answer with an error status in words: the title and detail of problem details (RFC 9457), else the body.
[[nodiscard]] std::string problem_in_words(int status, std::string_view body);

/// What the shell is told of it: 2 if the request was wrong (400 to 499: a wrong key, a malformed event), else 1.
[[nodiscard]] int exit_status_of_answer(int status) noexcept;

}  // namespace host_stub::cli
