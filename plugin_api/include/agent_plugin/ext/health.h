/*
 * agent_plugin/ext/health.h - "agent.health/1": is the plugin alive, and is it ready? Offered by the plugin.
 */
#ifndef AGENT_PLUGIN_EXT_HEALTH_H
#define AGENT_PLUGIN_EXT_HEALTH_H

#include "agent_plugin/plugin.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_HEALTH "agent.health/1"

/** A report, in a buffer of the caller. */
typedef struct agent_health_report {
  uint32_t size;
  int32_t live;  /* 1; 0: a thread of it is stuck or dead, the process should be restarted */
  int32_t ready; /* 1; 0: it cannot do its work at the moment, events may be refused */
  uint32_t reserved;
  char reason[256]; /* why it is not live or not ready; NUL-terminated UTF-8, may be empty */
} agent_health_report;

typedef struct agent_health {
  uint32_t size;
  uint32_t reserved;
  /** Fills `report`. Must not block. [any-thread & any-state] */
  void (*check)(const agent_plugin* plugin, agent_health_report* report);
} agent_health;

AGENT_EXTERN_C_END

#endif
