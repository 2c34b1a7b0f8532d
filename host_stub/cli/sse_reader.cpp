#include "cli/sse_reader.h"

namespace host_stub::cli {

void SseReader::feed(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    line_ += piece.substr(0, end);
    if (end == std::string_view::npos) return;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    take_line(line_);
    line_.clear();
    piece.remove_prefix(end + 1);
  }
}

void SseReader::take_line(std::string_view line) {
  if (line.empty()) {
    if (has_data_) on_event_(event_.empty() ? std::string_view("message") : event_, data_);
    event_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_ = value;
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  }
}

}  // namespace host_stub::cli
