// A state machine over the JSON parser's tokens that makes one event: no document is built, and the payload is copied
// in one pass. Private to event_parser.cpp, event_reader.cpp (tokens) and event_values.cpp (what they mean).
#pragma once

#include <cstdint>
#include <optional>
#include <rapidjson/rapidjson.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string>
#include <string_view>
#include <utility>

#include "admin/event_fields.h"
#include "admin/json_check.h"
#include "core/result.h"

namespace host_stub {

/// The handler of rapidjson::Reader: each function takes one token and answers whether to go on.
class EventReader {
 public:
  bool Null();
  bool Bool(bool value);
  bool RawNumber(const char* text, rapidjson::SizeType length, bool copy);
  bool String(const char* text, rapidjson::SizeType length, bool copy);
  bool StartObject();
  bool Key(const char* text, rapidjson::SizeType length, bool copy);
  bool EndObject(rapidjson::SizeType members);
  bool StartArray();
  bool EndArray(rapidjson::SizeType elements);

  // Not called: numbers come as they are written.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }

  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] Result<EventFields> finish() &&;

 private:
  enum class Place { outside, event, payload, header_map, header_list, header };

  bool fail(std::string message) {
    fault_ = std::move(message);
    return false;
  }
  bool deeper() {
    return ++depth_ <= max_json_depth || fail("nested deeper than " + std::to_string(max_json_depth) + " levels");
  }
  [[nodiscard]] bool at(std::string_view field) const noexcept { return place_ == Place::event && field_ == field; }
  bool begin_field(std::string_view name);
  bool begin_header_field(std::string_view name);
  bool set_text(std::optional<std::string_view> text);
  bool set_header_value(std::optional<std::string_view> text);
  bool end_header();
  bool wrong_type();
  bool end_payload_value();

  Place place_ = Place::outside;
  unsigned depth_ = 0;
  unsigned payload_depth_ = 0;  // of the object that holds the payload
  std::string_view field_;      // one of known_fields or known_header_fields
  std::uint32_t seen_ = 0;      // bits: which of known_fields came
  std::uint32_t header_seen_ = 0;
  EventFields event_;
  rapidjson::StringBuffer payload_text_;
  rapidjson::Writer<rapidjson::StringBuffer> payload_{payload_text_};
  std::string fault_;
};

}  // namespace host_stub
