#include "codec/json_text.h"

#include <cstdint>

#include "codec/json_reader.h"
#include "codec/json_scan.h"

namespace kafka_events {
namespace {

struct CheckHandler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, CheckHandler>, JsonHandler {
  bool StartObject() { return enter(); }
  bool StartArray() { return enter(); }
  bool EndObject(Length) { return leave(), true; }
  bool EndArray(Length) { return leave(), true; }
};

struct Sequence {
  std::size_t length = 0;  // 0: no valid first byte
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
};

// Table 3-7 of the Unicode standard: what the first byte allows.
constexpr Sequence sequence_of(std::uint8_t first) {
  if (first < 0x80) return {1, 0x80, 0xBF};
  if (first < 0xC2) return {};
  if (first < 0xE0) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

bool continues(std::string_view text, std::size_t position, const Sequence& sequence) {
  if (text.size() - position < sequence.length) return false;
  const auto second = static_cast<std::uint8_t>(text[position + 1]);
  if (second < sequence.second_min || second > sequence.second_max) return false;
  for (std::size_t next = 2; next < sequence.length; ++next) {
    if ((static_cast<std::uint8_t>(text[position + next]) & 0xC0U) != 0x80U) return false;
  }
  return true;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text, std::size_t position) noexcept {
  const Sequence sequence = sequence_of(static_cast<std::uint8_t>(text[position]));
  if (sequence.length > 1 && !continues(text, position, sequence)) return 0;
  return sequence.length;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t position = skip_ascii(text, 0); position < text.size(); position = skip_ascii(text, position)) {
    const std::size_t length = utf8_sequence(text, position);
    if (length == 0) return position;
    position += length;
  }
  return std::nullopt;
}

Result<void> check_json(std::string_view text) {
  if (text.size() <= max_json_bytes && is_surely_json(text)) return {};
  rapidjson::MemoryStream stream(text.data(), text.size());
  CheckHandler handler;
  return read_json(stream, handler);
}

namespace {

void append_escaped(std::string& out, char character) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<std::uint8_t>(character);
  switch (character) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out.append("\\u00").append(1, digits[byte >> 4U]).append(1, digits[byte & 0xFU]);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t position = 0;;) {
    const std::size_t end = skip_plain_text<false>(text, position);
    out.append(text, position, end - position);
    if (end == text.size()) break;
    append_escaped(out, text[end]);
    position = end + 1;
  }
  out.push_back('"');
}

}  // namespace kafka_events
