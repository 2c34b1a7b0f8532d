// Reads one event from JSON, as POST /events and `publish --lines` take it:
//
//   {"topic": "acapy::outbound::message", "payload": {"a": 1}, "tenant": "alice", "key": "k", "id": "…",
//    "content_type": "application/json", "timestamp_us": 1700000000000000,
//    "headers": {"name": "value"}  or  [{"name": "a", "value": "text"}, {"name": "b", "value_base64": "AP8="}]}
//
// Only the topic is required. A payload that is a JSON string stands for its characters, null for no payload at all (a
// tombstone), any other value for its compact JSON text, with numbers kept as they are written; payload_base64 and
// key_base64 stand for bytes. Unknown and repeated fields are errors.
#pragma once

#include <string_view>

#include "admin/event_fields.h"
#include "core/result.h"

namespace host_stub {

inline constexpr std::size_t max_topic_bytes = 1024;  // as "agent.event_bus/1" has it

/// AGENT_E_INVALID: `json` is not one such object. The message says what to write instead; it may quote names, never
/// values.
[[nodiscard]] Result<EventFields> parse_event(std::string_view json);

/// Is `json` exactly one JSON object, syntactically?
[[nodiscard]] bool is_one_json_object(std::string_view json);

}  // namespace host_stub
