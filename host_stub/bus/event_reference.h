// The two functions that every event carries.
#pragma once

#include "agent_plugin/event.h"

namespace host_stub {

void retain_event(const agent_event* event) noexcept;
void release_event(const agent_event* event) noexcept;

}  // namespace host_stub
