/*
 * agent_plugin/ext/log.h - "agent.log/1": lines in the host's log. Offered by the host.
 *
 * Nothing that an event carries (payload, key, tenant) and no secret belongs in a log, at any level.
 */
#ifndef AGENT_PLUGIN_EXT_LOG_H
#define AGENT_PLUGIN_EXT_LOG_H

#include "agent_plugin/host.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_LOG "agent.log/1"

enum { AGENT_LOG_TRACE = 0, AGENT_LOG_DEBUG = 1, AGENT_LOG_INFO = 2, AGENT_LOG_WARNING = 3, AGENT_LOG_ERROR = 4 };

/** One structured field; names follow OpenTelemetry's semantic conventions where they have one. */
typedef struct agent_log_field {
  uint32_t size;
  uint32_t reserved;
  agent_text name;
  agent_text value;
} agent_log_field;

typedef struct agent_log {
  uint32_t size;
  uint32_t reserved;

  /** The lowest level that is written; a plugin skips building lines below it. [any-thread & any-state] */
  int32_t (*level)(const agent_host* host);

  /** Writes one line. `component` names a part of the plugin, such as kafka.consumer. Never blocks on a slow sink for longer
   *  than a local write. [any-thread & any-state] */
  void (*write)(const agent_host* host, int32_t level, agent_text component, agent_text message,
                const agent_log_field* const* fields, size_t field_count);
} agent_log;

AGENT_EXTERN_C_END

#endif
