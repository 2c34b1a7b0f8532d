/* The least that a third party writes: a module whose create() refuses with a message. */
#include <stdio.h>

#include "agent_plugin/agent_plugin.h"

static int32_t create(const agent_host* host, agent_plugin** plugin, agent_error* error) {
  *plugin = NULL;
  snprintf(error->message, sizeof error->message, "only built, never run, in %.*s", (int)host->name.size,
           host->name.data);
  return AGENT_E_UNSUPPORTED;
}

AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static const agent_plugin_module module = {.size = (uint32_t)sizeof module,
                                             .pointer_bits = 8 * (uint32_t)sizeof(void*),
                                             .magic = AGENT_PLUGIN_MAGIC,
                                             .abi_major = AGENT_ABI_MAJOR,
                                             .abi_minor = AGENT_ABI_MINOR,
                                             .name = {"external", 8},
                                             .version = {"1.0.0", 5},
                                             .build_id = {"1", 1},
                                             .create = create};
  return &module;
}
