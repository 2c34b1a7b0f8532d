#include "codec/base64.h"

#include <array>
#include <cstdint>

namespace kafka_events {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t digit = 0; digit < alphabet.size(); ++digit) {
    values[static_cast<std::uint8_t>(alphabet[digit])] = static_cast<std::uint8_t>(digit);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> value_of = make_values();

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
  return index < bytes.size() ? static_cast<std::uint8_t>(bytes[index]) : 0U;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t index = 0; index < bytes.size(); index += 3) {
    const std::uint32_t group =
        byte_at(bytes, index) << 16U | byte_at(bytes, index + 1) << 8U | byte_at(bytes, index + 2);
    out.push_back(alphabet[group >> 18U]);
    out.push_back(alphabet[group >> 12U & 0x3FU]);
    out.push_back(index + 1 < bytes.size() ? alphabet[group >> 6U & 0x3FU] : '=');
    out.push_back(index + 2 < bytes.size() ? alphabet[group & 0x3FU] : '=');
  }
}

bool append_from_base64(std::string& out, std::string_view text) {
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t digits = text.size() - padding;
  out.reserve(out.size() + text.size() / 4 * 3);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t index = 0; index < digits; ++index) {
    const std::uint8_t value = value_of[static_cast<std::uint8_t>(text[index])];
    if (value == no_digit) return false;
    group = group << 6U | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<char>(group >> bits & 0xFFU));
  }
  return (group & ((1U << bits) - 1U)) == 0;
}

}  // namespace kafka_events
