// The events that the demo publishes.
#pragma once

#include <string>
#include <vector>

#include "admin/event_fields.h"
#include "core/result.h"

namespace host_stub::cli {

/// Reads a file with one JSON event a line. Every event gets an id of its own where the file gives none, or one twice.
/// AGENT_E_INVALID: lines that are no events, each as "FILE:3: …"; or there is no event at all.
[[nodiscard]] Result<std::vector<EventFields>> load_demo_events(const std::string& file);

}  // namespace host_stub::cli
