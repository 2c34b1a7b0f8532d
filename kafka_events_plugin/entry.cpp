// The one function that this module exports.
#include "agent_plugin/entry.h"

#include "agent_plugin_cpp/text.hpp"

#include "build_id.h"
#include "plugin.h"

extern "C" const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block{sizeof(agent_plugin_module),
                                             8 * sizeof(void*),
                                             AGENT_PLUGIN_MAGIC,
                                             AGENT_ABI_MAJOR,
                                             AGENT_ABI_MINOR,
                                             agent::text("kafka_events"),
                                             agent::text(KAFKA_EVENTS_VERSION),
                                             agent::text(KAFKA_EVENTS_BUILD_ID),
                                             agent::text("Makes Apache Kafka the agent's outside world"),
                                             agent::text(KAFKA_EVENTS_RUNTIME),
                                             &kafka_events::create_plugin};
  return &block;
}
