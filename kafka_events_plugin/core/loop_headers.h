// Headers by which records that go in circles are known. Every agent that writes a record in consequence of another one
// counts it once more.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>

namespace kafka_events {

/// Who wrote the record: loop_guard.origin of that agent.
inline constexpr std::string_view origin_header = "agent-origin";
/// How many agents wrote it on its way, the one that it comes from included; 1 for one without a cause.
inline constexpr std::string_view hops_header = "agent-hops";

/// 0: the text is no number. More than fits is the largest.
[[nodiscard]] inline std::uint32_t hops_of(std::string_view text) noexcept {
  std::uint32_t hops = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hops);
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint32_t>::max();
  return error == std::errc{} && end == text.data() + text.size() ? hops : 0;
}

using HopsText = std::array<char, 10>;

/// A view of `buffer`.
[[nodiscard]] inline std::string_view hops_text(std::uint32_t hops, HopsText& buffer) noexcept {
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), hops);
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

}  // namespace kafka_events
