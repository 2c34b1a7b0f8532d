// Splits bodies into events.
#include "admin/event_lines.h"

#include "admin/event_parser.h"

namespace host_stub {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

bool is_line_by_line(std::string_view content_type, std::string_view body) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  if (type == "application/x-ndjson" || type == "application/jsonl" || type == "application/ndjson") return true;
  EventLines lines(body, true);
  if (!lines.next()) return false;
  bool later_line_opens_object = false;
  while (const auto line = lines.next()) {
    if (!line->text.starts_with('{')) continue;
    later_line_opens_object = true;
    break;
  }
  return later_line_opens_object && !is_one_json_object(body);
}

std::optional<EventLines::Line> EventLines::next() noexcept {
  while (!rest_.empty()) {
    const std::size_t end = line_by_line_ ? rest_.find('\n') : std::string_view::npos;
    const std::string_view text = trimmed(rest_.substr(0, end));
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    ++number_;
    if (!text.empty()) return Line{number_, text};
  }
  return std::nullopt;
}

}  // namespace host_stub
