// The reference algorithm, for a text that is there as a whole.
#include "core/siphash.h"

#include <bit>
#include <cstring>

namespace kafka_events {
namespace {

using State = std::array<std::uint64_t, 4>;

std::uint64_t little_endian(const unsigned char* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

template <int count>
void rounds(State& v) noexcept {
  for (int i = 0; i < count; ++i) {
    v[0] += v[1];
    v[1] = std::rotl(v[1], 13) ^ v[0];
    v[0] = std::rotl(v[0], 32);
    v[2] += v[3];
    v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = std::rotl(v[1], 17) ^ v[2];
    v[2] = std::rotl(v[2], 32);
  }
}

std::uint64_t whole_word(const unsigned char* bytes) noexcept {
  if constexpr (std::endian::native != std::endian::little) return little_endian(bytes, 8);
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

void take(State& v, std::uint64_t word) noexcept {
  v[3] ^= word;
  rounds<2>(v);
  v[0] ^= word;
}

/// `variant` sets apart digests of different lengths.
State start(const SipKey& key, std::uint64_t variant) noexcept {
  const std::uint64_t k0 = little_endian(key.data(), 8);
  const std::uint64_t k1 = little_endian(key.data() + 8, 8);
  return {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL ^ variant, k0 ^ 0x6c7967656e657261ULL,
          k1 ^ 0x7465646279746573ULL};
}

void take_all(State& v, std::string_view text) noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) take(v, whole_word(bytes + at));
  take(v, std::uint64_t{text.size()} << 56U | little_endian(bytes + at, text.size() - at));
}

void append_hex(std::uint64_t word, std::string& text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int i = 0; i < 8; ++i, word >>= 8U) {
    text += digits[(word >> 4U) & 0xFU];
    text += digits[word & 0xFU];
  }
}

}  // namespace

std::string siphash(const SipKey& key, std::string_view text) {
  State v = start(key, 0xeeU);
  take_all(v, text);
  std::string digest;
  v[2] ^= 0xeeU;
  rounds<4>(v);
  append_hex(v[0] ^ v[1] ^ v[2] ^ v[3], digest);
  v[1] ^= 0xddU;
  rounds<4>(v);
  append_hex(v[0] ^ v[1] ^ v[2] ^ v[3], digest);
  return digest;
}

std::uint64_t siphash64(const SipKey& key, std::string_view text) noexcept {
  State v = start(key, 0);
  take_all(v, text);
  v[2] ^= 0xffU;
  rounds<4>(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

}  // namespace kafka_events
