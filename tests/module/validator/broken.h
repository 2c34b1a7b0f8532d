/*
 * A sound plugin in pure C99 that does one thing wrong if a definition asks for it. Each BROKEN_… is one module of
 * CMakeLists.txt, and stands next to the code that is wrong. The parts: broken.c (the life), extensions.c (what it offers),
 * handover.c (how one instance takes over from another).
 */
#ifndef VALIDATOR_TEST_BROKEN_H
#define VALIDATOR_TEST_BROKEN_H

#include <pthread.h>

#include "agent_plugin/agent_plugin.h"

typedef struct instance {
  agent_plugin table;
  const agent_host* host;
  const agent_event_bus* bus;
  const agent_admin_routes* routes;
  const agent_log* log;
  uint64_t subscription; /* 0: none */
  uint64_t route;        /* 0: none */
  uint64_t count;        /* of events; what is handed over */
  pthread_t worker;      /* if has_worker */
  int has_worker;
  int worker_does; /* worker_… */
  int ending;
  int started;
  int quiesced;
  int starts;       /* how often start() was called */
  int forgot;       /* for BROKEN_CONFIG_FORGETS */
  const char* kept; /* of the configuration, for BROKEN_KEEPS_POINTER only */
} instance;

static inline instance* self(const agent_plugin* plugin) { return (instance*)plugin->plugin_data; }

agent_text text(const char* value);
int32_t fail(agent_error* error, int32_t code, const char* message);
void hang(void);
void crash(void);
void throw_something(void); /* thrower.cpp */

int32_t stop(agent_plugin* plugin, agent_error* error);
const void* get_extension(const agent_plugin* plugin, const char* id);
const agent_handover* handover_functions(void);

#endif
