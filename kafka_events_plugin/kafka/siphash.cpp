// The reference algorithm, for a text that is there as a whole.
#include "kafka/siphash.h"

#include <bit>

namespace kafka_events {
namespace {

using State = std::array<std::uint64_t, 4>;

std::uint64_t little_endian(const unsigned char* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{bytes[i]} << (8 * i);
  return word;
}

void rounds(State& v, int count) noexcept {
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

void take(State& v, std::uint64_t word) noexcept {
  v[3] ^= word;
  rounds(v, 2);
  v[0] ^= word;
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
  const std::uint64_t k0 = little_endian(key.data(), 8);
  const std::uint64_t k1 = little_endian(key.data() + 8, 8);
  State v = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL ^ 0xeeU, k0 ^ 0x6c7967656e657261ULL,
             k1 ^ 0x7465646279746573ULL};
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) take(v, little_endian(bytes + at, 8));
  take(v, std::uint64_t{text.size()} << 56U | little_endian(bytes + at, text.size() - at));
  std::string digest;
  v[2] ^= 0xeeU;
  rounds(v, 4);
  append_hex(v[0] ^ v[1] ^ v[2] ^ v[3], digest);
  v[1] ^= 0xddU;
  rounds(v, 4);
  append_hex(v[0] ^ v[1] ^ v[2] ^ v[3], digest);
  return digest;
}

}  // namespace kafka_events
