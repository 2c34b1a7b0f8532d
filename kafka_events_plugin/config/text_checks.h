// What can be said about a file before any YAML is read: its size, its encoding, its characters.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/report.h"

namespace kafka_events::config {

/// The place of a byte of `text`: lines end at \n, columns count characters.
[[nodiscard]] Mark mark_at(std::string_view text, std::size_t offset);

/// Turns yaml-cpp's places (line and column in bytes, both from 0) into ours. Cheap for places that come in order.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);

  [[nodiscard]] std::size_t offset(std::size_t line, std::size_t byte_column) const;
  [[nodiscard]] Mark mark(std::size_t line, std::size_t byte_column);

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
  // The last place asked for: counting goes on from there.
  std::size_t last_line_ = 0;
  std::size_t last_offset_ = 0;
  std::size_t last_characters_ = 0;
};

/// The byte where the first ill-formed UTF-8 sequence begins (RFC 3629), npos if there is none.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);

/// Reports size, UTF-8 and control characters; false if the text must not be read any further.
[[nodiscard]] bool check_text(std::string_view text, Report& report);

}  // namespace kafka_events::config
