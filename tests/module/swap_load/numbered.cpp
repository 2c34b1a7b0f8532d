// The text of a numbered event; its checksum is FNV-1a, 32 bits.
#include "numbered.h"

#include <array>
#include <charconv>

namespace swap_load {
namespace {

constexpr std::size_t checksum_digits = 8;

std::uint32_t checksum(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

template <class Integer>
bool read(std::string_view text, Integer& value, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

void append_hex(std::string& out, std::uint32_t value) {
  std::array<char, checksum_digits> digits{};
  for (std::size_t i = digits.size(); i-- > 0; value >>= 4U) digits[i] = "0123456789abcdef"[value & 0xFU];
  out.append(digits.data(), digits.size());
}

}  // namespace

std::string key_text(std::uint32_t key) {
  std::string text = "k0000";
  for (std::size_t i = 4; i > 0; --i, key /= 10) text[i] = static_cast<char>('0' + key % 10);
  return text;
}

void write_numbered(std::string& out, const Numbered& numbered, std::size_t size) {
  out = key_text(numbered.key);
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), numbered.number).ptr;
  out.append("|").append(digits.data(), end).append("|");
  if (out.size() + checksum_digits + 1 < size) out.resize(size - checksum_digits - 1, 'x');
  const std::uint32_t sum = checksum(out);
  append_hex(out += '|', sum);
}

std::optional<Numbered> parse_numbered(std::string_view text) {
  const std::size_t last = text.rfind('|');
  const std::size_t first = text.find('|');
  if (last == std::string_view::npos || first == last || text.front() != 'k') return {};
  std::uint32_t sum = 0;
  const std::string_view digits = text.substr(last + 1);
  if (digits.size() != checksum_digits || !read(digits, sum, 16) || sum != checksum(text.substr(0, last))) return {};
  const std::size_t second = text.find('|', first + 1);
  Numbered numbered;
  if (!read(text.substr(1, first - 1), numbered.key, 10)) return {};
  if (!read(text.substr(first + 1, second - first - 1), numbered.number, 10)) return {};
  return numbered;
}

}  // namespace swap_load
