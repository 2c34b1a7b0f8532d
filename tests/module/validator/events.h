/* What the plugin does with the host's extensions (events.c, handover.c). Every extension may be missing. */
#ifndef VALIDATOR_TEST_EVENTS_H
#define VALIDATOR_TEST_EVENTS_H

#include "broken.h"

int32_t subscribe(instance* me, agent_error* error);
void unsubscribe(instance* me);
void publish(instance* me, const agent_event* event);
int32_t add_route(instance* me, agent_error* error);
void remove_route(instance* me);
enum { worker_waits, worker_logs, worker_hangs };
void start_worker(instance* me, int what);
void join_worker(instance* me);
void take_deposit(instance* me);
void pin_this_module(void);

#endif
