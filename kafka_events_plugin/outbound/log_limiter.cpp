#include "outbound/log_limiter.h"

#include <array>
#include <charconv>
#include <vector>

namespace kafka_events {

void LogLimiter::write(LogLevel level, std::string_view message, std::span<const LogField> fields,
                       std::chrono::steady_clock::time_point now) noexcept {
  if (!log_.enabled(level)) return;
  const std::int64_t now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  std::int64_t next = next_ns_.load(std::memory_order_relaxed);
  if (now_ns < next || !next_ns_.compare_exchange_strong(next, now_ns + 1'000'000'000, std::memory_order_relaxed)) {
    left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::uint64_t left_out = left_out_.exchange(0, std::memory_order_relaxed);
  if (left_out == 0) return log_.write(level, component_, message, fields);
  try {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), left_out).ptr;
    std::vector<LogField> more(fields.begin(), fields.end());
    more.push_back({"left_out", {buffer.data(), static_cast<std::size_t>(end - buffer.data())}});
    log_.write(level, component_, message, more);
  } catch (...) {
    log_.write(level, component_, message, fields);
  }
}

}  // namespace kafka_events
