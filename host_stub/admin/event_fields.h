// One event as POST /events gives it, with everything owned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

namespace host_stub {

struct EventHeader {
  std::string name;
  std::optional<std::string> value;  ///< may be binary; nothing: null
};

struct EventFields {
  std::string topic;
  std::string tenant;
  std::optional<std::string> key;
  std::string id;
  std::string content_type;
  std::optional<std::string> payload = "";  ///< nothing: a tombstone
  std::vector<EventHeader> headers;
  std::int64_t timestamp_us = 0;  ///< 0: now
};

/// A draft that borrows from `fields`; `headers` is the array that it points to. Both must outlive it.
[[nodiscard]] inline agent_event_draft borrow_draft(const EventFields& fields, std::vector<agent_header>& headers) {
  const auto text = [](const std::string& value) { return agent_text{value.data(), value.size()}; };
  const auto bytes = [](const std::optional<std::string>& value) {
    return value ? agent_bytes{value->data(), value->size()} : agent_bytes{nullptr, 0};
  };
  headers.clear();
  for (const EventHeader& header : fields.headers) headers.push_back({text(header.name), bytes(header.value)});
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.header_count = static_cast<std::uint32_t>(headers.size());
  draft.topic = text(fields.topic);
  draft.tenant = text(fields.tenant);
  draft.key = bytes(fields.key);
  draft.id = text(fields.id);
  draft.content_type = text(fields.content_type);
  draft.payload = bytes(fields.payload);
  draft.headers = headers.data();
  draft.timestamp_us = fields.timestamp_us;
  return draft;
}

}  // namespace host_stub
