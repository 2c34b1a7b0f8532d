// Writes events by hand: this runs for every event of every event stream.
#include "admin/event_text.h"

#include <cstdint>
#include <string_view>

#include "admin/text.h"

namespace host_stub {
namespace {

std::string_view view(agent_text text) noexcept {
  return text.data == nullptr ? std::string_view{} : std::string_view(text.data, text.size);
}

/// "name":"text", "name_base64":"…" or "name":null
void append_bytes(std::string& out, std::string_view name, agent_bytes bytes) {
  const std::string_view value(static_cast<const char*>(bytes.data), bytes.data == nullptr ? 0 : bytes.size);
  out.append("\"").append(name);
  if (bytes.data == nullptr) {
    out += "\":null";
  } else if (is_utf8(value)) {
    out += "\":";
    append_json_string(out, value);
  } else {
    out += "_base64\":\"";
    append_base64(out, value);
    out += '"';
  }
}

void append_headers(std::string& out, const agent_event& event) {
  out += ",\"headers\":[";
  for (std::uint32_t index = 0; index < event.header_count; ++index) {
    const agent_header& header = event.headers[index];
    if (index > 0) out += ',';
    out += '{';
    append_bytes(out, "name", {header.name.data == nullptr ? "" : header.name.data, header.name.size});
    out += ',';
    append_bytes(out, "value", header.value);
    out += '}';
  }
  out += ']';
}

}  // namespace

void append_event_json(std::string& out, const agent_event& event) {
  out += "{\"topic\":";
  append_json_string(out, view(event.topic));
  out += ',';
  append_bytes(out, "tenant", {event.tenant.data == nullptr ? "" : event.tenant.data, event.tenant.size});
  out += ',';
  append_bytes(out, "key", event.key);
  out += ',';
  append_bytes(out, "id", {event.id.data == nullptr ? "" : event.id.data, event.id.size});
  out += ",\"timestamp_us\":" + std::to_string(event.timestamp_us) + ",";
  append_bytes(out, "content_type",
               {event.content_type.data == nullptr ? "" : event.content_type.data, event.content_type.size});
  append_headers(out, event);
  out += ',';
  append_bytes(out, "payload", event.payload);
  out += '}';
}

}  // namespace host_stub
