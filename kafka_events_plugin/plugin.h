// The composition root: one instance of the Kafka plugin, from its configuration to its end.
#pragma once

#include <cstdint>

struct agent_host;
struct agent_plugin;
struct agent_error;

namespace kafka_events {

/// agent_plugin_module.create: makes an instance that is not configured yet. Starts nothing; no exception leaves it.
std::int32_t create_plugin(const ::agent_host* host, ::agent_plugin** plugin, ::agent_error* error) noexcept;

}  // namespace kafka_events
