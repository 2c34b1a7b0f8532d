// A fast hash of short texts (multiply and fold, as in wyhash), seeded per bus so that nobody can choose collisions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace host_stub {

namespace detail {

[[nodiscard]] inline std::uint64_t fold(std::uint64_t left, std::uint64_t right) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
[[nodiscard]] inline std::uint64_t read_word(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

}  // namespace detail

[[nodiscard]] inline std::uint64_t topic_hash(std::string_view text, std::uint64_t seed) noexcept {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15u, other = 0xE7037ED1A0B428DBu;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = seed ^ (text.size() * other);
  for (; left > 16; at += 16, left -= 16) {
    state = detail::fold(detail::read_word<std::uint64_t>(at) ^ odd, detail::read_word<std::uint64_t>(at + 8) ^ state);
  }
  std::uint64_t first = 0, last = 0;
  if (left >= 8) {
    first = detail::read_word<std::uint64_t>(at);
    last = detail::read_word<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    first = detail::read_word<std::uint32_t>(at);
    last = detail::read_word<std::uint32_t>(at + left - 4);
  } else {
    for (; left > 0; ++at, --left) first = first << 8 | static_cast<unsigned char>(*at);
  }
  return detail::fold(detail::fold(first ^ odd, last ^ state) ^ other, state ^ odd);
}

}  // namespace host_stub
