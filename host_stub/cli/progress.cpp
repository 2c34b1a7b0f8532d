#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <sys/ioctl.h>
#include <unistd.h>

namespace host_stub::cli {
namespace {

constexpr std::size_t bar_width = 30;
constexpr std::chrono::milliseconds redraw{100};

std::string time_to_go(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  if (whole < 90) return std::to_string(whole) + " s to go";
  if (whole < 5400) return std::to_string((whole + 30) / 60) + " min to go";
  return std::to_string((whole + 1800) / 3600) + " h to go";
}

std::size_t terminal_columns(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string with_thousands(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string grouped;
  for (std::size_t place = 0; place < digits.size(); ++place) {
    if (place > 0 && (digits.size() - place) % 3 == 0) grouped += ',';
    grouped += digits[place];
  }
  return grouped;
}

std::string progress_line(const ProgressState& state, std::size_t columns) {
  const double seconds = std::max(0.001, static_cast<double>(state.elapsed.count()) / 1000.0);
  const double rate = static_cast<double>(state.done) / seconds;
  std::string line;
  if (state.total.has_value()) {
    const double whole = static_cast<double>(std::max<std::uint64_t>(1, *state.total));
    const double part = std::min(1.0, static_cast<double>(state.done) / whole);
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(bar_width));
    const std::string percent = std::to_string(static_cast<int>(part * 100.0));
    line.append("[").append(filled, '#').append(bar_width - filled, ' ').append("] ");
    line.append(3 - std::min<std::size_t>(3, percent.size()), ' ').append(percent).append("%  ");
    line += with_thousands(state.done) + "/" + with_thousands(*state.total);
  } else {
    line += with_thousands(state.done) + " events";
  }
  line += "  " + with_thousands(static_cast<std::uint64_t>(rate)) + "/s";
  if (state.total.has_value() && state.done > 0 && state.done < *state.total) {
    line += "  " + time_to_go(static_cast<double>(*state.total - state.done) / rate);
  }
  if (!state.note.empty()) line += "  " + state.note;
  return line.substr(0, columns);
}

Progress::Progress(std::FILE* file) : file_(file), terminal_(::isatty(::fileno(file)) == 1) {}

Progress::~Progress() { clear(); }

void Progress::update(const ProgressState& state) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (drawn_ && now - last_ < redraw)) return;
  const std::size_t columns = terminal_columns(::fileno(file_));
  std::fprintf(file_, "\r%s\x1b[K", progress_line(state, columns > 1 ? columns - 1 : 1).c_str());
  std::fflush(file_);
  drawn_ = true;
  last_ = now;
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", file_);
  std::fflush(file_);
  drawn_ = false;
}

}  // namespace host_stub::cli
