#include "codec/json_text.h"

#include <cstdint>

#include "codec/json_reader.h"

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

std::optional<std::size_t> first_invalid_utf8(std::string_view text) noexcept {
  for (std::size_t position = 0; position < text.size();) {
    const Sequence sequence = sequence_of(static_cast<std::uint8_t>(text[position]));
    if (sequence.length != 1 && (sequence.length == 0 || !continues(text, position, sequence))) return position;
    position += sequence.length;
  }
  return std::nullopt;
}

Result<void> check_json(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  CheckHandler handler;
  return read_json(stream, handler);
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (const char character : text) {
    const auto byte = static_cast<std::uint8_t>(character);
    if (byte >= 0x20 && byte != '"' && byte != '\\') {
      out.push_back(character);
      continue;
    }
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
  out.push_back('"');
}

}  // namespace kafka_events
