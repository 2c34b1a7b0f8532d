// Is a record's body what its schema says, to the last byte? Asked before Avro C sees it: Avro C allocates what a length
// claims, leaks it when the body ends early, and keeps its error texts in memory that all threads share.
#pragma once

#include <string_view>
#include <vector>

#include "codec/avro/schema.h"

namespace kafka_events::avro {

/// Values of no bytes (nulls, records of nothing) that one body may hold: a few bytes can claim any number of them.
inline constexpr std::size_t max_empty_values = 65'536;

/// Checks lengths, block counts and sizes, branches, symbols, ranges, UTF-8, depth (max_value_depth) and that nothing
/// follows. `offset`: of the body in the record's value, for messages. Errors are `invalid`.
Result<void> check_body(const Type& type, std::string_view body, std::size_t offset);

/// Reads a variable-length zig-zag integer and moves past it; false if it is cut off or longer than 64 bits.
bool read_long(std::string_view& body, std::int64_t& value);

}  // namespace kafka_events::avro
