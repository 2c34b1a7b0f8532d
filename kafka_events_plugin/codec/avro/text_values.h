// Values of Avro as text, both ways: bytes, decimals, dates, times, UUIDs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/avro/schema.h"

namespace kafka_events::avro {

// ---- Bytes: each is the Unicode code point of its number (Avro's JSON encoding) ----

/// How many bytes the text stands for; nothing if it has code points above U+00FF or is not UTF-8.
[[nodiscard]] std::optional<std::size_t> latin1_length(std::string_view text);
/// Turns such a text into the bytes where it lies, and returns how many they are.
std::size_t latin1_in_place(char* text, std::size_t size);
/// Appends the bytes as a JSON string.
void append_latin1_json(std::string& out, std::string_view bytes);

// ---- Logical types: a null result is success, else it completes "found a JSON string …" ----

/// Dates and times in the type's unit. Time zones are counted in; digits that the unit cannot hold are refused.
[[nodiscard]] const char* parse_logical(Logical logical, std::string_view text, std::int64_t& value);
/// Appends the text without quotes, RFC 3339 for timestamps; false for what has none (a year beyond 9999): nothing was
/// appended.
[[nodiscard]] bool append_logical(std::string& out, Logical logical, std::int64_t value);

/// "-12.34" to two's complement, big-endian: as few bytes as hold it, or the fixed type's size.
[[nodiscard]] const char* parse_decimal(std::string_view text, const Type& type, std::string& bytes);
/// The other way round, with exactly the type's scale; false if the number has more digits than the type's precision.
[[nodiscard]] bool append_decimal(std::string& out, std::string_view bytes, const Type& type);
/// More digits than this are not read or written as text; such a decimal stays bytes.
inline constexpr std::uint32_t max_decimal_digits = 200;

/// RFC 4122: 8-4-4-4-12 hexadecimal digits.
[[nodiscard]] bool is_uuid(std::string_view text);

}  // namespace kafka_events::avro
