// UTF-8 by the table of RFC 3629, section 4, and places counted in characters.
#include "config/text_checks.h"

#include <algorithm>
#include <string>

#include "config/document.h"

namespace kafka_events::config {

namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xc0U) == 0x80U; }

// The length of the well-formed sequence at the start of `text`, 0 if it is ill-formed.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t length = lead < 0xe0 ? 2U : lead < 0xf0 ? 3U : 4U;
  // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
  const unsigned char lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < lowest || byte(1) > highest) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(byte(i))) return 0;
  }
  return length;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

Mark make_mark(std::size_t line, std::size_t characters) {
  return {static_cast<std::uint32_t>(line + 1), static_cast<std::uint32_t>(characters + 1), Origin::file};
}

}  // namespace

Mark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t last_end = before.rfind('\n');
  const std::size_t begin = last_end == std::string_view::npos ? 0 : last_end + 1;
  return make_mark(line, count_characters(before.substr(begin)));
}

LineIndex::LineIndex(std::string_view text) : text_(text), begins_{0} {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    begins_.push_back(end + 1);
  }
}

std::size_t LineIndex::offset(std::size_t line, std::size_t byte_column) const {
  return std::min(begins_[std::min(line, begins_.size() - 1)] + byte_column, text_.size());
}

Mark LineIndex::mark(std::size_t line, std::size_t byte_column) {
  const std::size_t wanted = offset(line, byte_column);
  if (line != last_line_ || wanted < last_offset_) {
    last_line_ = line;
    last_offset_ = offset(line, 0);
    last_characters_ = 0;
  }
  last_characters_ += count_characters(text_.substr(last_offset_, wanted - last_offset_));
  last_offset_ = wanted;
  return make_mark(line, last_characters_);
}

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    const std::size_t length = sequence_length(text.substr(offset));
    if (length == 0) return offset;
    offset += length;
  }
  return std::string_view::npos;
}

bool check_text(std::string_view text, Report& report) {
  if (text.size() > max_text_bytes) {
    report.error(report.place({}), "the file has " + std::to_string(text.size()) + " bytes; at most " +
                                       std::to_string(max_text_bytes) + " (1 MiB) are read");
    return false;
  }
  if (const std::size_t offset = first_invalid_utf8(text); offset != std::string_view::npos) {
    report.error(report.place(mark_at(text, offset)),
                 "byte " + std::to_string(offset) + " is not UTF-8; save the file with that encoding");
    return false;
  }
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
  });
  if (control == text.end()) return true;
  const auto offset = static_cast<std::size_t>(control - text.begin());
  report.error(report.place(mark_at(text, offset)),
               "byte " + std::to_string(offset) + " is a control character, which YAML does not allow; take it away");
  return false;
}

}  // namespace kafka_events::config
