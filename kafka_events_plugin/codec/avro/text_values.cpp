// Bytes, decimals and UUIDs.

#include "codec/avro/text_values.h"

#include <algorithm>
#include <vector>

namespace kafka_events::avro {

std::optional<std::size_t> latin1_length(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t position = 0; position < text.size(); ++position, ++length) {
    const auto byte = static_cast<std::uint8_t>(text[position]);
    if (byte < 0x80) continue;
    if (byte != 0xC2 && byte != 0xC3) return std::nullopt;
    if (++position == text.size() || (static_cast<std::uint8_t>(text[position]) & 0xC0U) != 0x80U) return std::nullopt;
  }
  return length;
}

std::size_t latin1_in_place(char* text, std::size_t size) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < size; ++from, ++to) {
    const auto byte = static_cast<std::uint8_t>(text[from]);
    if (byte < 0x80) {
      text[to] = text[from];
    } else {
      const auto low = static_cast<std::uint8_t>(text[++from]);
      text[to] = static_cast<char>(((byte & 0x03U) << 6U) | (low & 0x3FU));
    }
  }
  return to;
}

void append_latin1_json(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (const char character : bytes) {
    const auto byte = static_cast<std::uint8_t>(character);
    if (byte == '"' || byte == '\\') {
      out.append({'\\', character});
    } else if (byte < 0x20) {
      out.append("\\u00").append({digits[byte >> 4U], digits[byte & 0xFU]});
    } else if (byte < 0x80) {
      out.push_back(character);
    } else {
      out.append({static_cast<char>(0xC0U | (byte >> 6U)), static_cast<char>(0x80U | (byte & 0x3FU))});
    }
  }
  out.push_back('"');
}

namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }

struct DecimalText {
  bool negative = false;
  std::string digits;  // unscaled
};

// The digits behind the type's scale; what a smaller scale would cut off must be zeros.
const char* read_decimal(std::string_view text, std::uint32_t scale, DecimalText& out) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const bool plain = !whole.empty() && std::all_of(whole.begin(), whole.end(), is_digit) &&
                     std::all_of(fraction.begin(), fraction.end(), is_digit) &&
                     (point == text.size() || !fraction.empty());
  if (!plain) return "that is not a decimal number such as -12.34";
  if (text.size() > 2 * max_decimal_digits) return "of too many digits";
  while (fraction.size() > scale && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > scale) return "with more digits after the point than its scale";
  out.digits.append(whole).append(fraction).append(scale - fraction.size(), '0');
  out.digits.erase(0, std::min(out.digits.find_first_not_of('0'), out.digits.size()));
  return nullptr;
}

// Magnitude, big-endian, of decimal digits; one zero byte for none.
std::vector<std::uint8_t> magnitude_of(std::string_view digits) {
  std::vector<std::uint8_t> little;
  for (const char digit : digits) {
    auto carry = static_cast<unsigned>(digit - '0');
    for (std::uint8_t& byte : little) {
      carry += byte * 10U;
      byte = static_cast<std::uint8_t>(carry & 0xFFU);
      carry >>= 8U;
    }
    if (carry != 0) little.push_back(static_cast<std::uint8_t>(carry));
  }
  if (little.empty()) little.push_back(0);
  std::reverse(little.begin(), little.end());
  return little;
}

void negate(std::vector<std::uint8_t>& bytes) {
  unsigned carry = 1;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    carry += static_cast<std::uint8_t>(~*byte);
    *byte = static_cast<std::uint8_t>(carry & 0xFFU);
    carry >>= 8U;
  }
}

}  // namespace

const char* parse_decimal(std::string_view text, const Type& type, std::string& bytes) {
  DecimalText decimal;
  if (const char* why = read_decimal(text, type.scale, decimal)) return why;
  if (decimal.digits.size() > type.precision) return "of more digits than its precision";
  std::vector<std::uint8_t> number = magnitude_of(decimal.digits);
  if ((number.front() & 0x80U) != 0) number.insert(number.begin(), 0);
  if (decimal.negative) {
    negate(number);
    // -128 needs one byte only.
    if (number.size() > 1 && number[0] == 0xFF && (number[1] & 0x80U) != 0) number.erase(number.begin());
  }
  if (type.kind == Kind::fixed) {
    if (number.size() > type.size) return "that does not fit its bytes";
    number.insert(number.begin(), type.size - number.size(), (number.front() & 0x80U) != 0 ? 0xFF : 0);
  }
  bytes.assign(number.begin(), number.end());
  return nullptr;
}

bool append_decimal(std::string& out, std::string_view bytes, const Type& type) {
  std::vector<std::uint8_t> number(bytes.begin(), bytes.end());
  const bool negative = !number.empty() && (number.front() & 0x80U) != 0;
  if (negative) negate(number);
  number.erase(number.begin(), std::find_if(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; }));
  if (number.size() > max_decimal_digits / 2) return false;
  std::string digits;  // the lowest first
  while (!number.empty()) {
    unsigned rest = 0;
    for (std::uint8_t& byte : number) {
      rest = rest * 256 + byte;
      byte = static_cast<std::uint8_t>(rest / 10);
      rest %= 10;
    }
    digits.push_back(static_cast<char>('0' + rest));
    if (number.front() == 0) number.erase(number.begin());
  }
  if (digits.size() > type.precision) return false;
  if (digits.size() <= type.scale) digits.append(type.scale + 1 - digits.size(), '0');
  std::reverse(digits.begin(), digits.end());
  if (type.scale != 0) digits.insert(digits.size() - type.scale, 1, '.');
  if (negative) out.push_back('-');
  out += digits;
  return true;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t position = 0; position < text.size(); ++position) {
    const char character = text[position];
    const bool dash = position == 8 || position == 13 || position == 18 || position == 23;
    const char lower = static_cast<char>(character | 0x20);
    if (dash ? character != '-' : !is_digit(character) && (lower < 'a' || lower > 'f')) return false;
  }
  return true;
}

}  // namespace kafka_events::avro
