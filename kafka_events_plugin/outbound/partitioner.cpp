#include "outbound/partitioner.h"

#include <cstddef>

namespace kafka_events {
namespace {

std::uint32_t byte_at(Bytes data, std::size_t position) noexcept { return static_cast<std::uint8_t>(data[position]); }

}  // namespace

std::uint32_t murmur2(Bytes data) noexcept {
  constexpr std::uint32_t multiplier = 0x5bd1e995;
  constexpr unsigned shift = 24;
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(data.size());
  const std::size_t whole = data.size() & ~std::size_t{3};
  for (std::size_t position = 0; position < whole; position += 4) {
    std::uint32_t word = byte_at(data, position) | byte_at(data, position + 1) << 8U |
                         byte_at(data, position + 2) << 16U | byte_at(data, position + 3) << 24U;
    word *= multiplier;
    word ^= word >> shift;
    hash = (hash * multiplier) ^ (word * multiplier);
  }
  if (whole != data.size()) {
    for (std::size_t position = data.size(); position-- > whole;) {
      hash ^= byte_at(data, position) << (8U * static_cast<unsigned>(position - whole));
    }
    hash *= multiplier;
  }
  hash ^= hash >> 13U;
  hash *= multiplier;
  return hash ^ (hash >> 15U);
}

std::uint32_t index_for_key(Bytes key, std::uint32_t count) noexcept { return (murmur2(key) & 0x7fffffffU) % count; }

}  // namespace kafka_events
