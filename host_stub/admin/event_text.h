// An event as the JSON that GET /events sends: {"topic","tenant","key","id","timestamp_us","content_type","headers",
// "payload"}. Bytes that are not UTF-8 go as key_base64, value_base64, payload_base64; what is absent is null.
#pragma once

#include <string>

#include "agent_plugin/event.h"

namespace host_stub {

void append_event_json(std::string& out, const agent_event& event);

}  // namespace host_stub
