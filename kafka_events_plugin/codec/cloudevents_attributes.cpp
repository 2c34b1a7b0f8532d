#include "codec/cloudevents_attributes.h"

#include <algorithm>
#include <cstdio>
#include <time.h>

#include "codec/json_text.h"

namespace kafka_events {
namespace {

constexpr std::array<std::string_view, 4> required = {"id", "source", "specversion", "type"};
constexpr std::size_t max_shown = 40;

constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }
constexpr bool is_lower(char character) { return character >= 'a' && character <= 'z'; }
constexpr bool is_hex(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F');
}

/// The characters that RFC 3986 lets a URI reference have; its parts are nobody's business here.
bool is_uri_reference(std::string_view text) {
  constexpr std::string_view others = "-._~:/?#[]@!$&'()*+,;=";
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char character = text[index];
    if (character == '%') {
      if (text.size() - index < 3 || !is_hex(text[index + 1]) || !is_hex(text[index + 2])) return false;
      index += 2;
    } else if (!is_digit(character) && !is_lower(character) && !(character >= 'A' && character <= 'Z') &&
               others.find(character) == std::string_view::npos) {
      return false;
    }
  }
  return !text.empty();
}

/// Reads so many digits and what follows them. -1: they are not there.
int take_number(std::string_view& text, std::size_t digits, std::string_view then) {
  if (text.size() < digits + (then.empty() ? 0 : 1)) return -1;
  int number = 0;
  for (const char digit : text.substr(0, digits)) {
    if (!is_digit(digit)) return -1;
    number = number * 10 + (digit - '0');
  }
  text.remove_prefix(digits);
  if (then.empty()) return number;
  if (then.find(text.front()) == std::string_view::npos) return -1;
  text.remove_prefix(1);
  return number;
}

int days_of(int year, int month) {
  constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

/// RFC 3339, section 5.6: date-time.
bool is_timestamp(std::string_view text) {
  const int year = take_number(text, 4, "-");
  const int month = take_number(text, 2, "-");
  const int day = take_number(text, 2, "Tt");
  const int hour = take_number(text, 2, ":");
  const int minute = take_number(text, 2, ":");
  const int second = take_number(text, 2, "");
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_of(year, month)) return false;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  if (!text.empty() && text.front() == '.') {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end == 1) return false;
    text.remove_prefix(end);
  }
  if (text == "Z" || text == "z") return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  text.remove_prefix(1);
  const int offset_hour = take_number(text, 2, ":");
  const int offset_minute = take_number(text, 2, "");
  return offset_hour >= 0 && offset_hour <= 23 && offset_minute >= 0 && offset_minute <= 59 && text.empty();
}

std::uint32_t code_point(std::string_view text, std::size_t& index) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>(text[at])); };
  const std::uint32_t first = byte(index);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::uint32_t point = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t next = 1; next < length; ++next) point = point << 6U | (byte(index + next) & 0x3FU);
  index += length;
  return point;
}

Error wrong(std::string_view name, std::string_view what) {
  std::string message("attribute ");
  return {ErrorCode::invalid, message.append(shown_attribute(name)).append(" ").append(what)};
}

}  // namespace

bool is_attribute_name(std::string_view name) noexcept {
  const bool allowed =
      std::all_of(name.begin(), name.end(), [](char each) { return is_lower(each) || is_digit(each); });
  return !name.empty() && allowed && name != "data";
}

bool is_attribute_text(std::string_view text) noexcept {
  if (first_invalid_utf8(text)) return false;
  for (std::size_t index = 0; index < text.size();) {
    const std::uint32_t point = code_point(text, index);
    const bool control = point < 0x20 || (point >= 0x7F && point <= 0x9F);
    const bool noncharacter = (point >= 0xFDD0 && point <= 0xFDEF) || (point & 0xFFFEU) == 0xFFFEU;
    if (control || noncharacter) return false;
  }
  return true;
}

std::string shown_attribute(std::string_view name) {
  std::string shown(name.substr(0, max_shown));
  std::ranges::replace_if(
      shown, [](char each) { return each < ' ' || each > '~'; }, '?');
  return shown.insert(0, 1, '"').append(name.size() > max_shown ? "…\"" : "\"");
}

Result<void> check_attribute(std::string_view name, std::string_view value) {
  if (!is_attribute_name(name)) return wrong(name, "is none: their names are lower-case letters and digits");
  if (!is_attribute_text(value)) return wrong(name, "is not UTF-8 text, or has control characters");
  if (name == "specversion" && value != cloudevents_version) return wrong(name, "is not 1.0: only that is read");
  if (name == "source" || name == "dataschema") {
    if (!is_uri_reference(value)) return wrong(name, "is no URI");
  } else if (name == "time") {
    if (!is_timestamp(value)) return wrong(name, "is no time as RFC 3339 has it");
  } else if (value.empty() && (name == "id" || name == "type" || name == "subject" || name == "partitionkey")) {
    return wrong(name, "is empty");
  }
  return {};
}

void RequiredAttributes::see(std::string_view name) noexcept {
  const auto found = std::ranges::find(required, name);
  if (found != required.end()) seen_[static_cast<std::size_t>(found - required.begin())] = true;
}

Result<void> RequiredAttributes::complete() const {
  const auto missing = std::ranges::find(seen_, false);
  if (missing == seen_.end()) return {};
  return wrong(required[static_cast<std::size_t>(missing - seen_.begin())], "is missing");
}

std::string to_rfc3339(std::int64_t microseconds_since_epoch) {
  constexpr std::int64_t end_of_9999 = 253'402'300'800;
  const std::int64_t seconds = microseconds_since_epoch / 1'000'000;
  if (microseconds_since_epoch <= 0 || seconds >= end_of_9999) return {};
  const time_t time = seconds;
  tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  std::size_t length = strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text.data(), length);
  if (const auto fraction = static_cast<int>(microseconds_since_epoch % 1'000'000); fraction != 0) {
    length = static_cast<std::size_t>(std::snprintf(text.data(), text.size(), ".%06d", fraction));
    out.append(text.data(), length);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out.append("Z");
}

}  // namespace kafka_events
