// UTF-8, base64, JSON strings, nearest names.
#include "admin/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace host_stub {
namespace {

/// The length of the well-formed sequence that begins at `bytes`, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view bytes) noexcept {
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead < 0xC2 || lead > 0xF4 || bytes.size() < length) return 0;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t index = 2; index < length; ++index) {
    if ((at(index) & 0xC0u) != 0x80u) return 0;
  }
  return length;
}

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto base64_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t index = 0; index < base64_alphabet.size(); ++index) {
    values[static_cast<unsigned char>(base64_alphabet[index])] = static_cast<std::int8_t>(index);
  }
  return values;
}();

constexpr auto needs_escape = [] {
  std::array<bool, 256> flags{};
  for (std::size_t index = 0; index < 0x20; ++index) flags[index] = true;
  flags['"'] = flags['\\'] = flags[0x7F] = true;
  return flags;
}();

void append_escape(std::string& out, unsigned char character) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += hex[character >> 4u];
  out += hex[character & 0xFu];
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t column = 0; column < row.size(); ++column) row[column] = column;
  for (std::size_t line = 1; line <= left.size(); ++line) {
    std::size_t diagonal = row[0];
    row[0] = line;
    for (std::size_t column = 1; column < row.size(); ++column) {
      const std::size_t replaced = diagonal + (left[line - 1] == right[column - 1] ? 0u : 1u);
      diagonal = row[column];
      row[column] = std::min({row[column] + 1, row[column - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    if (bytes.size() >= sizeof word) {  // eight ASCII characters at a time
      std::memcpy(&word, bytes.data(), sizeof word);
      if ((word & 0x8080808080808080u) == 0) {
        bytes.remove_prefix(sizeof word);
        continue;
      }
    }
    const std::size_t length = sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begin = 0;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto character = static_cast<unsigned char>(text[index]);
    if (!needs_escape[character]) continue;
    out.append(text, begin, index - begin);
    append_escape(out, character);
    begin = index + 1;
  }
  out.append(text, begin);
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t index = 0; index < bytes.size(); index += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - index);
    std::uint32_t group = 0;
    for (std::size_t offset = 0; offset < 3; ++offset) {
      const unsigned char byte = offset < count ? static_cast<unsigned char>(bytes[index + offset]) : 0;
      group = group << 8u | byte;
    }
    out += base64_alphabet[group >> 18u & 63u];
    out += base64_alphabet[group >> 12u & 63u];
    out += count > 1 ? base64_alphabet[group >> 6u & 63u] : '=';
    out += count > 2 ? base64_alphabet[group & 63u] : '=';
  }
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t index = 0; index < text.size(); index += 4) {
    const bool last = index + 4 == text.size();
    const std::size_t padding = last ? (text[index + 3] != '=' ? 0u : text[index + 2] != '=' ? 1u : 2u) : 0u;
    std::uint32_t group = 0;
    for (std::size_t offset = 0; offset < 4; ++offset) {
      const int value = offset < 4 - padding ? base64_values[static_cast<unsigned char>(text[index + offset])] : 0;
      if (value < 0) return std::nullopt;
      group = group << 6u | static_cast<std::uint32_t>(value);
    }
    if ((padding == 1 && (group & 0xFFu) != 0) || (padding == 2 && (group & 0xFFFFu) != 0)) return std::nullopt;
    for (std::size_t byte = 0; byte < 3 - padding; ++byte) out += static_cast<char>(group >> (16 - 8 * byte) & 0xFFu);
  }
  return out;
}

std::string_view nearest_name(std::string_view text, std::span<const std::string_view> candidates) {
  std::string_view nearest;
  std::size_t best = std::max<std::size_t>(2, text.size() / 3) + 1;
  if (text.size() > 64) return nearest;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

bool equal_in_constant_time(std::string_view given, std::string_view secret) noexcept {
  if (secret.empty()) return false;
  volatile std::size_t difference = given.size() ^ secret.size();
  for (std::size_t index = 0; index < given.size(); ++index) {
    const auto left = static_cast<unsigned char>(given[index]);
    const auto right = static_cast<unsigned char>(secret[index % secret.size()]);
    difference = difference | static_cast<std::size_t>(left ^ right);
  }
  return difference == 0;
}

}  // namespace host_stub
