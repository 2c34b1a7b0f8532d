// Events, one JSON object a line, from a file or standard input.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace host_stub::cli {

/// One line that holds an event.
struct EventLine {
  std::uint64_t number = 0;  ///< in the source, from 1
  std::string text;          ///< without the line end; known to be an event
};

class LineSource {
 public:
  /// `file` may be "-" for standard input. A regular file is checked as a whole, so that a mistake in it is found
  /// before anything is published: AGENT_E_INVALID, with a line for each of the first problems ("FILE:3: …").
  static Result<std::unique_ptr<LineSource>> open(const std::string& file);
  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  /// Up to `max_lines` and about `max_bytes`; blank lines are passed over. From standard input it returns what is there
  /// without waiting for more. Empty: the end, or Ctrl-C. AGENT_E_INVALID: a line is no event ("NAME:3: …"); the lines
  /// before it come first.
  Result<std::vector<EventLine>> next(std::size_t max_lines, std::size_t max_bytes);

  /// Number of events, if it is known before.
  [[nodiscard]] std::optional<std::uint64_t> total() const noexcept { return total_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  LineSource(std::string name, int descriptor);
  Result<void> check_all();
  std::optional<std::string> take_line();
  bool fill();

  std::string name_;
  int descriptor_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t number_ = 0;
  bool ended_ = false;
  bool too_long_ = false;
  int read_error_ = 0;
  std::optional<std::uint64_t> total_;
  std::optional<Failure> fault_;  ///< found after lines that are still to be returned
};

}  // namespace host_stub::cli
