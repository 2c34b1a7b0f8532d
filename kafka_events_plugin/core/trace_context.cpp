#include "core/trace_context.h"

#include <algorithm>
#include <cstdint>
#include <sys/random.h>
#include <time.h>

namespace kafka_events {
namespace {

constexpr std::size_t version_end = 2;
constexpr std::size_t trace_begin = 3;
constexpr std::size_t trace_end = 35;
constexpr std::size_t span_begin = 36;
constexpr std::size_t span_end = 52;
constexpr std::size_t flags_begin = 53;
constexpr std::string_view digits = "0123456789abcdef";

constexpr bool is_digit(char character) noexcept {
  return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f');
}

bool is_hex(std::string_view text) noexcept { return std::all_of(text.begin(), text.end(), is_digit); }

bool is_id(std::string_view text) noexcept {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// Plain data, so that a thread's end runs no code of this module. 0: not seeded yet.
thread_local std::uint64_t state = 0;

std::uint64_t seed() noexcept {
  std::uint64_t number = 0;
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) == sizeof number) return number;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);  // the kernel has no randomness yet: only early at boot
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

// SplitMix64 (Steele, Lea, Flood 2014): every state gives another number.
std::uint64_t next_number() noexcept {
  if (state == 0) state = seed();
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

bool is_trace_parent(std::string_view text) noexcept {
  if (text.size() < trace_parent_length || text[version_end] != '-' || text[trace_end] != '-' || text[span_end] != '-')
    return false;
  const std::string_view version = text.substr(0, version_end);
  if (!is_hex(version) || version == "ff") return false;
  if (text.size() > trace_parent_length && (version == "00" || text[trace_parent_length] != '-')) return false;
  return is_id(text.substr(trace_begin, trace_end - trace_begin)) &&
         is_id(text.substr(span_begin, span_end - span_begin)) && is_hex(text.substr(flags_begin, 2));
}

std::string_view continue_trace(std::string_view parent, TraceParentText& out) noexcept {
  std::copy_n(parent.begin(), trace_parent_length, out.begin());
  if (parent.substr(0, version_end) != "00") {
    const char last = parent[flags_begin + 1];
    const bool sampled = ((last >= 'a' ? last - 'a' + 10 : last - '0') & 1) != 0;
    out[0] = out[1] = out[flags_begin] = '0';
    out[flags_begin + 1] = sampled ? '1' : '0';
  }
  std::uint64_t span = next_number();
  while (span == 0) span = next_number();
  for (std::size_t position = span_end; position > span_begin; span >>= 4U) out[--position] = digits[span & 0xFU];
  return {out.data(), out.size()};
}

}  // namespace kafka_events
