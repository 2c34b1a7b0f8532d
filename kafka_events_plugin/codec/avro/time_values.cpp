// Dates and times: RFC 3339, section 5.6.

#include <chrono>
#include <cstdio>

#include "codec/avro/text_values.h"

namespace kafka_events::avro {
namespace {

constexpr std::int64_t day_us = 86'400'000'000;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool take(char character) {
    if (text_.empty() || text_[0] != character) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_number(std::size_t digits, unsigned& value) {
    if (text_.size() < digits) return false;
    value = 0;
    for (std::size_t index = 0; index < digits; ++index) {
      if (text_[index] < '0' || text_[index] > '9') return false;
      value = value * 10 + static_cast<unsigned>(text_[index] - '0');
    }
    text_.remove_prefix(digits);
    return true;
  }
  [[nodiscard]] bool at_digit() const { return !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; }
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool take_date(Cursor& cursor, std::int64_t& days) {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!cursor.take_number(4, year) || !cursor.take('-') || !cursor.take_number(2, month) || !cursor.take('-') ||
      !cursor.take_number(2, day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return false;
  days = std::chrono::sys_days(date).time_since_epoch().count();
  return true;
}

// exact: false if there are digits below the unit.
bool take_time(Cursor& cursor, std::int64_t unit_us, std::int64_t& us, bool& exact) {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  if (!cursor.take_number(2, hour) || !cursor.take(':') || !cursor.take_number(2, minute) || !cursor.take(':') ||
      !cursor.take_number(2, second) || hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  us = ((hour * 60LL + minute) * 60 + second) * 1'000'000;
  exact = true;
  if (!cursor.take('.')) return true;
  if (!cursor.at_digit()) return false;
  unsigned digit = 0;
  for (std::int64_t place = 100'000; cursor.take_number(1, digit); place /= 10) {
    if (digit != 0 && place < unit_us) exact = false;
    us += digit * place;
  }
  return true;
}

bool take_zone(Cursor& cursor, std::int64_t& offset_us) {
  offset_us = 0;
  if (cursor.take('Z') || cursor.take('z')) return true;
  const bool west = cursor.take('-');
  unsigned hour = 0;
  unsigned minute = 0;
  if ((!west && !cursor.take('+')) || !cursor.take_number(2, hour) || !cursor.take(':') ||
      !cursor.take_number(2, minute) || hour > 23 || minute > 59) {
    return false;
  }
  offset_us = (hour * 60LL + minute) * 60'000'000 * (west ? -1 : 1);
  return true;
}

std::int64_t unit_of(Logical logical) {
  const bool millis = logical == Logical::time_millis || logical == Logical::timestamp_millis ||
                      logical == Logical::local_timestamp_millis;
  return millis ? 1000 : 1;
}

bool is_local(Logical logical) {
  return logical == Logical::local_timestamp_millis || logical == Logical::local_timestamp_micros;
}

void append_time(std::string& out, std::int64_t us, bool millis) {
  char text[32];
  const std::int64_t seconds = us / 1'000'000;
  const std::int64_t below = us % 1'000'000;
  const int size = std::snprintf(text, sizeof text, millis ? "%02d:%02d:%02d.%03d" : "%02d:%02d:%02d.%06d",
                                 static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                                 static_cast<int>(seconds % 60), static_cast<int>(millis ? below / 1000 : below));
  out.append(text, static_cast<std::size_t>(size));
}

bool append_date(std::string& out, std::int64_t days) {
  constexpr std::int64_t first = -719'528;  // 0000-01-01
  constexpr std::int64_t last = 2'932'896;  // 9999-12-31
  if (days < first || days > last) return false;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  out.append(text, static_cast<std::size_t>(size));
  return true;
}

}  // namespace

const char* parse_logical(Logical logical, std::string_view text, std::int64_t& value) {
  Cursor cursor(text);
  std::int64_t days = 0;
  std::int64_t us = 0;
  std::int64_t offset = 0;
  bool exact = true;
  if (logical == Logical::date) {
    if (!take_date(cursor, days) || !cursor.at_end()) return "that is not a date such as 2026-11-21";
    value = days;
    return nullptr;
  }
  const bool only_time = logical == Logical::time_millis || logical == Logical::time_micros;
  const char* wanted = only_time           ? "that is not a time such as 12:30:00.500"
                       : is_local(logical) ? "that is not a local timestamp such as 2026-11-21T12:30:00.500"
                                           : "that is not a timestamp (RFC 3339) such as 2026-11-21T12:30:00.500Z";
  if (!only_time && (!take_date(cursor, days) || (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')))) {
    return wanted;
  }
  if (!take_time(cursor, unit_of(logical), us, exact)) return wanted;
  if (!only_time && !is_local(logical) && !take_zone(cursor, offset)) return wanted;
  if (!cursor.at_end()) return wanted;
  if (!exact) return "with more digits of a second than its type holds";
  value = (days * day_us + us - offset) / unit_of(logical);
  return nullptr;
}

bool append_logical(std::string& out, Logical logical, std::int64_t value) {
  if (logical == Logical::date) return append_date(out, value);
  const bool millis = unit_of(logical) == 1000;
  const std::int64_t day = day_us / unit_of(logical);
  if (logical == Logical::time_millis || logical == Logical::time_micros) {
    if (value < 0 || value >= day) return false;
    return append_time(out, value * unit_of(logical), millis), true;
  }
  std::int64_t days = value / day;
  std::int64_t rest = value % day;
  if (rest < 0) {
    rest += day;
    --days;
  }
  if (!append_date(out, days)) return false;
  out.push_back('T');
  append_time(out, rest * unit_of(logical), millis);
  if (!is_local(logical)) out.push_back('Z');
  return true;
}

}  // namespace kafka_events::avro
