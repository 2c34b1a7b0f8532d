// A progress bar with rate and time to go, for a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace host_stub::cli {

/// Where a piece of work stands.
struct ProgressState {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total;  ///< unknown: no bar, no time to go
  std::chrono::milliseconds elapsed{0};
  std::string note;  ///< shown at the end, such as "3 failed"
};

/// "[#########           ]  45%  4,500/10,000  1,200/s  4 s to go", at most `columns` wide.
[[nodiscard]] std::string progress_line(const ProgressState& state, std::size_t columns);

/// "1,234,567"
[[nodiscard]] std::string with_thousands(std::uint64_t number);

/// Writes the line over itself, about ten times a second; does nothing unless `file` is a terminal.
class Progress {
 public:
  explicit Progress(std::FILE* file = stderr);
  ~Progress();  ///< wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(const ProgressState& state);
  void clear();
  [[nodiscard]] bool shown() const noexcept { return terminal_; }

 private:
  std::FILE* file_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace host_stub::cli
