// SipHash-2-4 with 128 bits (Aumasson and Bernstein): without its key nothing can be told from a digest, and no guess at
// what was hashed can be checked.
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

}  // namespace kafka_events
