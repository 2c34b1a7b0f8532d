// An instance of the real module inside tables that look at the plan before each call.
#pragma once

#include <cstdint>

#include "agent_plugin/agent_plugin.h"

namespace failing {

/// As agent_plugin_module.create; may throw, if the plan says so.
std::int32_t create(const agent_host* host, agent_plugin** plugin, agent_error* error);

}  // namespace failing
