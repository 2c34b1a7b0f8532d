/*
 * agent_plugin/status.h - what a function answers, and the buffer in which it says why.
 *
 *   agent_error error = AGENT_ERROR_INIT;
 *   if (plugin->start(plugin, &error) != AGENT_OK) fprintf(stderr, "start failed: %s\n", error.message);
 */
#ifndef AGENT_PLUGIN_STATUS_H
#define AGENT_PLUGIN_STATUS_H

#include "agent_plugin/abi.h"

AGENT_EXTERN_C_BEGIN

/** Status values. 0 is success, negative values are failures; unknown negative values are to be treated as AGENT_E_FAILED. */
enum {
  AGENT_OK = 0,
  AGENT_E_FAILED = -1,      /* it did not work; the message says why */
  AGENT_E_INVALID = -2,     /* an argument or a configuration is wrong; trying again will not help */
  AGENT_E_STATE = -3,       /* not allowed in the present state */
  AGENT_E_BUSY = -4,        /* a bounded queue is full; try again later */
  AGENT_E_NOT_FOUND = -5,   /* no such thing */
  AGENT_E_EXISTS = -6,      /* there is one already */
  AGENT_E_TIMEOUT = -7,     /* the deadline passed first */
  AGENT_E_UNSUPPORTED = -8, /* this host or plugin does not offer it */
  AGENT_E_TOO_LARGE = -9,   /* over a size limit */
  AGENT_E_INTERNAL = -10    /* a defect: an exception reached the boundary, an invariant broke */
};

/**
 * An error, in a buffer of the caller. The callee fills what it knows and truncates at a UTF-8 character's border.
 * `line` and `column` count from 1 and are 0 where there is no place in a file.
 */
typedef struct agent_error {
  uint32_t size;
  int32_t code; /* one of AGENT_E_… */
  uint32_t line;
  uint32_t column;
  char message[1024]; /* for a person: what happened, where, what to do; NUL-terminated UTF-8 */
  char file[256];     /* the configuration file it happened in, or empty; NUL-terminated */
  char key_path[256]; /* such as kafka_events.consumer-config.group_id, or empty; NUL-terminated */
} agent_error;

#define AGENT_ERROR_INIT                                    \
  {                                                         \
    (uint32_t)sizeof(agent_error), 0, 0, 0, {0}, {0}, { 0 } \
  }

AGENT_EXTERN_C_END

#endif
