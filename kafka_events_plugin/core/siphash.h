// SipHash-2-4 with 128 or 64 bits (Aumasson and Bernstein): without its key nothing can be told from a digest, and no
// guess at what was hashed can be checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kafka_events {

using SipKey = std::array<unsigned char, 16>;

/// 32 hexadecimal digits, the bytes in their order.
[[nodiscard]] std::string siphash(const SipKey& key, std::string_view text);
/// The variant with 64 bits, for tables: without the key nobody can choose texts that collide.
[[nodiscard]] std::uint64_t siphash64(const SipKey& key, std::string_view text) noexcept;

}  // namespace kafka_events
