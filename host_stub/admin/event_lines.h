// The body of POST /events: one JSON object, or one a line (NDJSON).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace host_stub {

/// Is this body one event a line? By its media type; by its shape where that says nothing.
[[nodiscard]] bool is_line_by_line(std::string_view content_type, std::string_view body);

/// Walks over a body. Blank lines are passed over, but counted.
class EventLines {
 public:
  struct Line {
    std::size_t number;  ///< from 1
    std::string_view text;
  };

  /// `body` must outlive it.
  EventLines(std::string_view body, bool line_by_line) noexcept : rest_(body), line_by_line_(line_by_line) {}

  [[nodiscard]] std::optional<Line> next() noexcept;

 private:
  std::string_view rest_;
  bool line_by_line_;
  std::size_t number_ = 0;
};

}  // namespace host_stub
