// The one way in which this folder reads JSON: RapidJSON's event reader, iterative (no recursion on hostile nesting),
// with UTF-8 validated and numbers left as text. Private to codec/.
#pragma once

#include <cstddef>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <string>
#include <string_view>

#include "codec/json_text.h"
#include "core/result.h"

namespace kafka_events {

inline constexpr std::size_t max_json_bytes = 1'000'000'000;  // librdkafka's largest message.max.bytes

/// Base of the handlers: counts the nesting. A handler that returns false ends the reading with its `complaint`.
class JsonHandler {
 public:
  using Length = rapidjson::SizeType;

  bool enter() {
    if (++depth_ <= max_json_depth) return true;
    return refuse(ErrorCode::too_large, "nests deeper than " + std::to_string(max_json_depth) + " levels");
  }
  void leave() { --depth_; }
  [[nodiscard]] std::size_t depth() const { return depth_; }

  bool refuse(ErrorCode code, std::string complaint) {
    code_ = code;
    complaint_ = std::move(complaint);
    return false;
  }
  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

 private:
  std::size_t depth_ = 0;
  ErrorCode code_ = ErrorCode::invalid;
  std::string complaint_;
};

namespace detail {

template <class Handler>
Error parse_error(const rapidjson::Reader& reader, const Handler& handler) {
  const std::string at = " at offset " + std::to_string(reader.GetErrorOffset());
  const rapidjson::ParseErrorCode code = reader.GetParseErrorCode();
  if (code == rapidjson::kParseErrorTermination) return {handler.code(), handler.complaint() + at};
  // A number beyond a double is JSON all the same, only not for most of its readers.
  const bool too_big = code == rapidjson::kParseErrorNumberTooBig;
  return {too_big ? ErrorCode::too_large : ErrorCode::invalid, std::string(rapidjson::GetParseError_En(code)) + at};
}

}  // namespace detail

/// Reads one JSON value that is the whole of `stream`.
template <class Handler>
Result<void> read_json(rapidjson::MemoryStream& stream, Handler& handler) {
  constexpr unsigned flags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (stream.size_ > max_json_bytes) return Error(ErrorCode::too_large, "longer than 1 GB");
  rapidjson::Reader reader;
  if (reader.Parse<flags>(stream, handler).IsError()) return detail::parse_error(reader, handler);
  // The stream reports its end as NUL, so a NUL byte in the text would end it early and hide what follows.
  if (stream.Tell() != stream.size_) {
    return Error(ErrorCode::invalid, "a NUL byte follows the value at offset " + std::to_string(stream.Tell()));
  }
  return {};
}

}  // namespace kafka_events
