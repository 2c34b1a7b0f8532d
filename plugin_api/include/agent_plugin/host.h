/*
 * agent_plugin/host.h - what a plugin knows of its host.
 *
 * The core is small and frozen. Everything else is an extension, fetched by its id:
 *
 *   const agent_event_bus* bus = host->get_extension(host, AGENT_EXT_EVENT_BUS);
 *   if (bus == NULL) …   // an older or smaller host: go on without, or refuse in create() with a message
 */
#ifndef AGENT_PLUGIN_HOST_H
#define AGENT_PLUGIN_HOST_H

#include "agent_plugin/abi.h"

AGENT_EXTERN_C_BEGIN

typedef struct agent_host agent_host;

struct agent_host {
  uint32_t size;
  uint32_t abi_major; /* AGENT_ABI_MAJOR and _MINOR that the host was built with */
  uint32_t abi_minor;
  uint32_t reserved;    /* 0 */
  agent_text name;      /* of the host program, such as host_stub */
  agent_text version;   /* of the host program (semver.org) */
  agent_text label;     /* the operator's name for this agent, or empty */
  agent_text wallet_id; /* the tenant of events that name none, or empty */
  uint64_t instance;    /* the host's number of this plugin, agent_event.publisher of what it publishes; a version that
                           takes over from another one has the same number */
  void* host_data;      /* the host's own; a plugin never touches it */

  /**
   * The host's extension with this id (NUL-terminated, such as "agent.event_bus/1"), or NULL if it has none of exactly
   * this id. The struct belongs to the host and stays valid until destroy() of this plugin instance returns.
   * [any-thread & any-state, and during create()]
   */
  const void* (*get_extension)(const agent_host* host, const char* id);
};

AGENT_EXTERN_C_END

#endif
