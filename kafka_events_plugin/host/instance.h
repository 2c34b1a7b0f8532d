// Makes the C instance that a host drives around a Lifecycle, with the ports that the host offers.
#pragma once

#include <cstdint>

#include "host/lifecycle.h"

struct agent_host;
struct agent_plugin;
struct agent_error;

namespace kafka_events::host {

/// The create() of the module block. Fails with AGENT_E_UNSUPPORTED if the host has no event bus; a missing log or
/// admin server costs one log line. No exception leaves it.
std::int32_t create_instance(const ::agent_host* host, ::agent_plugin** plugin, ::agent_error* error,
                             LifecycleFactory factory) noexcept;

}  // namespace kafka_events::host
