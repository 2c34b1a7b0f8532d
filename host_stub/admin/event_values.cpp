// The fields of an event: which there are, and what may stand in them.
#include <array>
#include <cstddef>
#include <span>

#include "agent_plugin/status.h"

#include "admin/event_parser.h"
#include "admin/event_reader.h"
#include "admin/text.h"

namespace host_stub {
namespace {

constexpr std::array<std::string_view, 10> known_fields{
    "topic",      "payload", "payload_base64", "tenant",       "key",
    "key_base64", "id",      "content_type",   "timestamp_us", "headers"};
constexpr std::array<std::string_view, 3> known_header_fields{"name", "value", "value_base64"};

std::string quoted(std::string_view name) { return json_string(name.substr(0, 64)); }

std::string unknown_name(std::string_view what, std::string_view name, std::span<const std::string_view> known) {
  std::string message = "unknown " + std::string(what) + " " + quoted(name);
  if (const std::string_view nearest = nearest_name(name, known); !nearest.empty()) {
    message += " (did you mean \"" + std::string(nearest) + "\"?)";
  }
  return message;
}

template <std::size_t count>
std::optional<std::size_t> index_of(const std::array<std::string_view, count>& names, std::string_view name) {
  for (std::size_t index = 0; index < count; ++index) {
    if (names[index] == name) return index;
  }
  return std::nullopt;
}

}  // namespace

bool EventReader::begin_field(std::string_view name) {
  const auto index = index_of(known_fields, name);
  if (!index) return fail(unknown_name("field", name, known_fields));
  if ((seen_ >> *index & 1u) != 0) return fail("the field " + quoted(name) + " is given twice");
  seen_ |= 1u << *index;
  field_ = known_fields[*index];
  const auto both = [this](std::size_t left, std::size_t right) { return (seen_ >> left & seen_ >> right & 1u) != 0; };
  if (both(1, 2)) return fail("give either \"payload\" or \"payload_base64\"");
  if (both(4, 5)) return fail("give either \"key\" or \"key_base64\"");
  return true;
}

bool EventReader::begin_header_field(std::string_view name) {
  const auto index = index_of(known_header_fields, name);
  if (!index) return fail(unknown_name("field of a header", name, known_header_fields));
  if ((header_seen_ >> *index & 1u) != 0) return fail("a header has the field " + quoted(name) + " twice");
  header_seen_ |= 1u << *index;
  field_ = known_header_fields[*index];
  return (header_seen_ & 6u) != 6u || fail("a header has either \"value\" or \"value_base64\"");
}

bool EventReader::wrong_type() {
  switch (place_) {
    case Place::outside:
      return fail("an event is a JSON object, such as {\"topic\": \"a::b\", \"payload\": {}}");
    case Place::header_map:
      return fail("a header's value is a string or null; bytes go into [{\"name\", \"value_base64\"}]");
    case Place::header_list:
      return fail("\"headers\" is a list of objects {\"name\", \"value\"}");
    case Place::header:
      return fail("a header's " + quoted(field_) + " is a string");
    default:
      break;
  }
  if (field_ == "timestamp_us") return fail("\"timestamp_us\" is a whole number of microseconds since 1970");
  if (field_ == "headers") return fail("\"headers\" is an object {name: value} or a list of {\"name\", \"value\"}");
  return fail(quoted(field_) + " is a string");
}

bool EventReader::set_text(std::optional<std::string_view> text) {
  if (field_ == "headers" && !text) return true;
  if (field_ == "timestamp_us") return text ? wrong_type() : true;
  if (field_ == "topic" && !text) return wrong_type();
  std::optional<std::string> value;
  if (text) value = std::string(*text);
  if (text && field_.ends_with("_base64")) {
    value = decode_base64(*text);
    if (!value) return fail(quoted(field_) + " is not base64 (RFC 4648, with padding)");
  }
  if (field_.starts_with("payload")) {
    event_.payload = std::move(value);
  } else if (field_.starts_with("key")) {
    event_.key = std::move(value);
  } else if (field_ == "topic") {
    event_.topic = std::move(*value);
  } else if (field_ == "tenant") {
    event_.tenant = std::move(value).value_or("");
  } else if (field_ == "id") {
    event_.id = std::move(value).value_or("");
  } else if (field_ == "content_type") {
    event_.content_type = std::move(value).value_or("");
  } else {
    return wrong_type();
  }
  return true;
}

bool EventReader::set_header_value(std::optional<std::string_view> text) {
  EventHeader& header = event_.headers.back();
  if (place_ == Place::header && field_ == "name") {
    if (!text) return wrong_type();
    header.name = *text;
    return true;
  }
  header.value = text ? std::optional<std::string>(*text) : std::nullopt;
  if (text && field_ == "value_base64" && place_ == Place::header) {
    header.value = decode_base64(*text);
    if (!header.value) return fail("a header's \"value_base64\" is not base64 (RFC 4648, with padding)");
  }
  return true;
}

bool EventReader::end_header() {
  if ((header_seen_ & 1u) == 0) return fail("a header needs a \"name\"");
  place_ = Place::header_list;
  return true;
}

Result<EventFields> EventReader::finish() && {
  if (event_.topic.empty()) return Failure{AGENT_E_INVALID, "\"topic\" is required and not empty"};
  if (event_.topic.size() > max_topic_bytes) {
    return Failure{AGENT_E_INVALID, "\"topic\" is longer than " + std::to_string(max_topic_bytes) + " bytes"};
  }
  return std::move(event_);
}

}  // namespace host_stub
