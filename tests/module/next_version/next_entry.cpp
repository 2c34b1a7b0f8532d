// The exported function of the second version.
#include "agent_plugin/entry.h"
#include "agent_plugin_cpp/text.hpp"

#include "plugin.h"

extern "C" const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block{sizeof(agent_plugin_module),
                                             8 * sizeof(void*),
                                             AGENT_PLUGIN_MAGIC,
                                             AGENT_ABI_MAJOR,
                                             AGENT_ABI_MINOR,
                                             agent::text("kafka_events"),
                                             agent::text("1.1.0-next"),
                                             agent::text("next"),
                                             agent::text("The version after this one, for tests of the swap"),
                                             agent::text(NEXT_RUNTIME),
                                             &kafka_events::create_plugin};
  return &block;
}
