// The tokens, and where in the event they come.
#include "admin/event_reader.h"

#include <charconv>
#include <system_error>

namespace host_stub {

bool EventReader::end_payload_value() {
  if (depth_ == payload_depth_) {
    event_.payload = std::string(payload_text_.GetString(), payload_text_.GetSize());
    place_ = Place::event;
  }
  return true;
}

bool EventReader::Null() {
  switch (place_) {
    case Place::payload:
      return payload_.Null();
    case Place::event:
      return set_text(std::nullopt);
    case Place::header_map:
    case Place::header:
      return set_header_value(std::nullopt);
    default:
      return wrong_type();
  }
}

bool EventReader::Bool(bool value) {
  if (place_ == Place::payload) return payload_.Bool(value);
  if (!at("payload")) return wrong_type();
  event_.payload = value ? "true" : "false";
  return true;
}

bool EventReader::RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
  if (place_ == Place::payload) return payload_.RawValue(text, length, rapidjson::kNumberType);
  if (at("payload")) {
    event_.payload = std::string(text, length);
    return true;
  }
  if (!at("timestamp_us")) return wrong_type();
  const auto [end, error] = std::from_chars(text, text + length, event_.timestamp_us);
  return (error == std::errc{} && end == text + length && event_.timestamp_us >= 0) || wrong_type();
}

bool EventReader::String(const char* text, rapidjson::SizeType length, bool copy) {
  const std::string_view value(text, length);
  switch (place_) {
    case Place::payload:
      return payload_.String(text, length, copy);
    case Place::event:
      return field_ == "headers" ? wrong_type() : set_text(value);
    case Place::header_map:
    case Place::header:
      return set_header_value(value);
    default:
      return wrong_type();
  }
}

bool EventReader::StartObject() {
  const unsigned outer = depth_;
  if (!deeper()) return false;
  if (place_ == Place::payload) return payload_.StartObject();
  if (place_ == Place::outside && outer == 0) {
    place_ = Place::event;
  } else if (at("payload")) {
    place_ = Place::payload;
    payload_depth_ = outer;
    return payload_.StartObject();
  } else if (at("headers")) {
    place_ = Place::header_map;
  } else if (place_ == Place::header_list) {
    place_ = Place::header;
    header_seen_ = 0;
    event_.headers.emplace_back();
  } else {
    return wrong_type();
  }
  return true;
}

bool EventReader::Key(const char* text, rapidjson::SizeType length, bool copy) {
  const std::string_view name(text, length);
  switch (place_) {
    case Place::payload:
      return payload_.Key(text, length, copy);
    case Place::header:
      return begin_header_field(name);
    case Place::header_map:
      event_.headers.push_back({std::string(name), {}});
      return true;
    default:
      return begin_field(name);
  }
}

bool EventReader::EndObject(rapidjson::SizeType members) {
  --depth_;
  switch (place_) {
    case Place::payload:
      return payload_.EndObject(members) && end_payload_value();
    case Place::header:
      return end_header();
    case Place::header_map:
      place_ = Place::event;
      return true;
    default:
      place_ = Place::outside;
      return true;
  }
}

bool EventReader::StartArray() {
  const unsigned outer = depth_;
  if (!deeper()) return false;
  if (place_ == Place::payload) return payload_.StartArray();
  if (at("payload")) {
    place_ = Place::payload;
    payload_depth_ = outer;
    return payload_.StartArray();
  }
  if (!at("headers")) return wrong_type();
  place_ = Place::header_list;
  return true;
}

bool EventReader::EndArray(rapidjson::SizeType elements) {
  --depth_;
  if (place_ == Place::payload) return payload_.EndArray(elements) && end_payload_value();
  place_ = Place::event;
  return true;
}

}  // namespace host_stub
