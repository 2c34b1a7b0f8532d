// Text by the word: eight bytes at a time, on any processor. Private to codec/.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kafka_events {

namespace detail {

inline constexpr std::uint64_t every_byte = 0x0101010101010101U;
inline constexpr std::uint64_t high_bits = 0x8080808080808080U;

inline std::uint64_t word_at(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

// High bits where a byte is below 0x20, a quote or a backslash (exact up to and with the lowest one).
inline std::uint64_t special_bytes(std::uint64_t word) {
  const auto zero_bytes = [](std::uint64_t value) { return (value - every_byte) & ~value; };
  const std::uint64_t control = (word - every_byte * 0x20) & ~word;
  return (control | zero_bytes(word ^ (every_byte * '"')) | zero_bytes(word ^ (every_byte * '\\'))) & high_bits;
}

inline std::size_t first_marked(std::uint64_t marks) {
  if constexpr (std::endian::native == std::endian::little)
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  return 0;  // the caller looks at each byte
}

}  // namespace detail

/// From `position` on, the first byte that JSON has to escape (or the end); with `ascii_only` also one of 0x80 or above.
template <bool ascii_only>
std::size_t skip_plain_text(std::string_view text, std::size_t position) {
  while (text.size() - position >= sizeof(std::uint64_t)) {
    const std::uint64_t word = detail::word_at(text.data() + position);
    std::uint64_t marks = detail::special_bytes(word);
    if constexpr (ascii_only) marks |= word & detail::high_bits;
    if (marks != 0) {
      position += detail::first_marked(marks);
      break;
    }
    position += sizeof(std::uint64_t);
  }
  for (; position < text.size(); ++position) {
    const auto byte = static_cast<std::uint8_t>(text[position]);
    if (byte < 0x20 || byte == '"' || byte == '\\' || (ascii_only && byte >= 0x80)) break;
  }
  return position;
}

/// From `position` on, the first byte of 0x80 or above (or the end).
inline std::size_t skip_ascii(std::string_view text, std::size_t position) {
  while (text.size() - position >= sizeof(std::uint64_t) &&
         (detail::word_at(text.data() + position) & detail::high_bits) == 0) {
    position += sizeof(std::uint64_t);
  }
  while (position < text.size() && static_cast<std::uint8_t>(text[position]) < 0x80) ++position;
  return position;
}

/// Length of the UTF-8 sequence at `position`; 0: there is none (RFC 3629).
[[nodiscard]] std::size_t utf8_sequence(std::string_view text, std::size_t position) noexcept;

/// true: the text is JSON as check_json() has it. false: it is not, or holds what is left to RapidJSON to judge (escaped
/// surrogates, very long numbers): ask that, which also says what is wrong and where.
[[nodiscard]] bool is_surely_json(std::string_view text) noexcept;

}  // namespace kafka_events
