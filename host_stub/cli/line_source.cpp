#include "cli/line_source.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "agent_plugin/status.h"

#include "admin/event_parser.h"
#include "cli/interrupt.h"

namespace host_stub::cli {
namespace {

constexpr std::size_t longest_line = std::size_t{16} << 20;  ///< the host takes 8 MiB, escapes may double it
constexpr std::size_t shown_problems = 20;

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

bool more_is_there(int descriptor) {
  pollfd polled{descriptor, POLLIN, 0};
  return ::poll(&polled, 1, 0) == 1;
}

}  // namespace

Result<std::unique_ptr<LineSource>> LineSource::open(const std::string& file) {
  const bool standard_input = file == "-";
  const int descriptor = standard_input ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const std::string name = standard_input ? "standard input" : file;
  if (descriptor < 0) return Failure{AGENT_E_NOT_FOUND, "cannot read " + name + ": " + std::strerror(errno)};
  auto source = std::unique_ptr<LineSource>(new LineSource(name, descriptor));
  struct stat info {};
  if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && !standard_input) {
    if (Result<void> checked = source->check_all(); !checked.ok()) return checked.error();
  }
  return source;
}

LineSource::LineSource(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}

LineSource::~LineSource() { ::close(descriptor_); }

Result<void> LineSource::check_all() {
  std::uint64_t events = 0;
  std::uint64_t wrong = 0;
  std::string problems;
  while (const std::optional<std::string> line = take_line()) {
    if (is_blank(*line)) continue;
    ++events;
    const auto parsed = parse_event(*line);
    if (parsed.ok() || ++wrong > shown_problems) continue;
    problems += (wrong > 1 ? "\n" : "") + name_ + ":" + std::to_string(number_) + ": " + parsed.error().message;
  }
  if (wrong > shown_problems) problems += "\nand " + std::to_string(wrong - shown_problems) + " more lines";
  if (wrong > 0) return Failure{AGENT_E_INVALID, problems + "\nnothing was published"};
  if (too_long_) return Failure{AGENT_E_TOO_LARGE, name_ + ":" + std::to_string(number_ + 1) + ": longer than 16 MiB"};
  if (read_error_ != 0) return Failure{AGENT_E_FAILED, "cannot read " + name_ + ": " + std::strerror(read_error_)};
  total_ = events;
  ::lseek(descriptor_, 0, SEEK_SET);
  buffer_.clear();
  begin_ = 0;
  number_ = 0;
  ended_ = false;
  return {};
}

bool LineSource::fill() {
  if (begin_ > 0) buffer_.erase(0, std::exchange(begin_, 0));
  if (buffer_.size() > longest_line) too_long_ = true;
  if (ended_ || too_long_) return false;
  std::array<char, 65536> piece;
  ssize_t got = -1;
  do {
    got = ::read(descriptor_, piece.data(), piece.size());
  } while (got < 0 && errno == EINTR && !Interrupt::asked());
  if (got < 0 && errno != EINTR) read_error_ = errno;
  if (got <= 0) ended_ = true;
  if (got > 0) buffer_.append(piece.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::optional<std::string> LineSource::take_line() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(begin_, end - begin_);
      begin_ = end + 1;
      ++number_;
      return line;
    }
    const std::size_t kept = buffer_.size() - begin_;
    if (fill()) {
      searched = kept;
      continue;
    }
    if (too_long_ || buffer_.empty()) return std::nullopt;
    ++number_;
    return std::exchange(buffer_, {});
  }
}

Result<std::vector<EventLine>> LineSource::next(std::size_t max_lines, std::size_t max_bytes) {
  if (fault_.has_value()) return *fault_;
  std::vector<EventLine> lines;
  std::size_t bytes = 0;
  while (lines.size() < max_lines && bytes < max_bytes) {
    const bool would_wait = buffer_.find('\n', begin_) == std::string::npos && !ended_ && !more_is_there(descriptor_);
    if (would_wait && !lines.empty()) break;
    std::optional<std::string> line = take_line();
    if (!line.has_value()) break;
    if (is_blank(*line)) continue;
    const auto parsed = parse_event(*line);
    if (!parsed.ok()) {
      fault_ = Failure{AGENT_E_INVALID, name_ + ":" + std::to_string(number_) + ": " + parsed.error().message};
      break;
    }
    bytes += line->size() + 1;
    lines.push_back({number_, *std::move(line)});
  }
  if (too_long_) {
    fault_ = Failure{AGENT_E_TOO_LARGE, name_ + ":" + std::to_string(number_ + 1) + ": longer than 16 MiB"};
  } else if (read_error_ != 0) {
    fault_ = Failure{AGENT_E_FAILED, "cannot read " + name_ + ": " + std::strerror(read_error_)};
  }
  if (lines.empty() && fault_.has_value()) return *fault_;
  return lines;
}

}  // namespace host_stub::cli
