// The real Kafka plugin as version 1.1.1-failing: what fails, and how, stands in the file of KAFKA_EVENTS_FAIL_FILE.
#include "agent_plugin/entry.h"
#include "agent_plugin_cpp/text.hpp"

#include "wrapped.h"

extern "C" const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block{sizeof(agent_plugin_module),
                                             8 * sizeof(void*),
                                             AGENT_PLUGIN_MAGIC,
                                             AGENT_ABI_MAJOR,
                                             AGENT_ABI_MINOR,
                                             agent::text("kafka_events"),
                                             agent::text("1.1.1-failing"),
                                             agent::text("failing"),
                                             agent::text("Makes Apache Kafka the agent's outside world, and fails"),
                                             agent::text(KAFKA_EVENTS_RUNTIME),
                                             &failing::create};
  return &block;
}
