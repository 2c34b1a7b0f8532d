// A token bucket without a token: the moment at which it is full again says it all (virtual scheduling, the generic cell
// rate algorithm of ITU-T I.371).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace kafka_events {

/// The limit; each bucket's state is its `full_at`, in nanoseconds of the caller's clock. A bucket that nothing was taken
/// from is full: 0 will do for a new one.
class TokenBucket {
 public:
  /// `per_second` 0: no limit. The bucket holds what comes together within `burst_ns`.
  TokenBucket(std::uint64_t per_second, std::int64_t burst_ns) noexcept
      : nanoseconds_each_(per_second == 0 ? 0 : 1e9 / static_cast<double>(per_second)), burst_(burst_ns) {}

  /// An amount that is larger than the whole bucket may be taken from a full one.
  [[nodiscard]] bool has(std::size_t amount, std::int64_t full_at, std::int64_t now) const noexcept {
    return nanoseconds_each_ == 0 || full_at <= now + std::max<std::int64_t>(burst_ - time_of(amount), 0);
  }

  /// `full_at` after the amount was taken.
  [[nodiscard]] std::int64_t take(std::size_t amount, std::int64_t full_at, std::int64_t now) const noexcept {
    return nanoseconds_each_ == 0 ? full_at : std::max(full_at, now) + time_of(amount);
  }

 private:
  [[nodiscard]] std::int64_t time_of(std::size_t amount) const noexcept {
    return static_cast<std::int64_t>(nanoseconds_each_ * static_cast<double>(amount));
  }

  double nanoseconds_each_;
  std::int64_t burst_;
};

}  // namespace kafka_events
