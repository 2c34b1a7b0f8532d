// Which of a route's partitions a key belongs to, as Java's default partitioner computes it.
#pragma once

#include <cstdint>

#include "core/event.h"

namespace kafka_events {

/// org.apache.kafka.common.utils.Utils.murmur2: 32 bits, seed 0x9747b28c, bytes read as little endian.
[[nodiscard]] std::uint32_t murmur2(Bytes data) noexcept;

/// Utils.toPositive(murmur2(key)) % count. `count` must not be 0.
[[nodiscard]] std::uint32_t index_for_key(Bytes key, std::uint32_t count) noexcept;

}  // namespace kafka_events
