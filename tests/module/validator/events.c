/* Events, requests, a thread; with what is wrong in the variants. */
#define _GNU_SOURCE
#include "events.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

agent_text text(const char* value) {
  agent_text made = {value, strlen(value)};
  return made;
}

int32_t fail(agent_error* error, int32_t code, const char* message) {
  if (error == NULL) return code;
  error->code = code;
  strncpy(error->message, message, sizeof(error->message) - 1);
  return code;
}

static void wait_ms(int ms) {
  const struct timespec pause = {ms / 1000, (ms % 1000) * 1000000L};
  nanosleep(&pause, NULL);
}

void hang(void) {
  for (;;) wait_ms(1000);
}

void crash(void) { abort(); }

/* ---- events ---- */

#ifdef BROKEN_RELEASE_IN_MODULE
static void let_payload_go(void* owner) { (void)owner; }
#endif

void publish(instance* me, const agent_event* event) {
  agent_event_draft draft;
  memset(&draft, 0, sizeof draft);
  draft.size = (uint32_t)sizeof draft;
  draft.topic = text("broken::answer");
  if (event != NULL) draft.payload = event->payload;
#ifdef BROKEN_RELEASE_IN_MODULE
  draft.payload_release = let_payload_go;
#endif
  if (me->bus != NULL) me->bus->publish(me->host, &draft, NULL, NULL, NULL);
}

static int32_t on_event(void* context, const agent_event* event) {
  instance* me = context;
  ++me->count;
  publish(me, event);
#ifdef BROKEN_READS_TO_NUL
  if (strlen(event->topic.data) > 1000) return AGENT_HANDLER_FAILED;
#endif
#if defined(BROKEN_LATER_NEVER)
  return AGENT_HANDLER_LATER;
#elif defined(BROKEN_COMPLETES_TWICE)
  me->bus->complete(me->host, event, AGENT_OUTCOME_DONE, text(""));
  me->bus->complete(me->host, event, AGENT_OUTCOME_DONE, text(""));
  return AGENT_HANDLER_LATER;
#elif defined(BROKEN_RETAINS)
  event->retain(event);
#elif defined(BROKEN_ANSWERS_NONSENSE)
  return 7;
#endif
  me->bus->defer(me->host, event, 1); /* completed twice, as it was announced */
  me->bus->complete(me->host, event, AGENT_OUTCOME_DONE, text(""));
  me->bus->complete_many(me->host, &event, 1, AGENT_OUTCOME_DONE);
  return AGENT_HANDLER_LATER;
}

int32_t subscribe(instance* me, agent_error* error) {
  const agent_text pattern = text("^broken::(ask|tell)::.*");
  const agent_subscription subscription = {(uint32_t)sizeof subscription, 1, &pattern, text("broken"), me, on_event};
  if (me->bus == NULL || me->subscription != 0) return AGENT_OK;
  return me->bus->subscribe(me->host, &subscription, &me->subscription, error);
}

void unsubscribe(instance* me) {
  if (me->subscription != 0) me->bus->unsubscribe(me->host, me->subscription);
  me->subscription = 0;
}

/* ---- requests ---- */

static void handle(void* context, const agent_http_request* request, uint64_t exchange) {
  const instance* me = context;
  const agent_http_reply reply = {
      (uint32_t)sizeof reply, request->body.size > 0 ? 400 : 200, text("application/json"), {"{}", 2}};
#ifdef BROKEN_ROUTE_SILENT
  (void)me, (void)reply, (void)exchange;
#else
  me->routes->respond(me->host, exchange, &reply);
#endif
#ifdef BROKEN_ROUTE_ANSWERS_TWICE
  me->routes->respond(me->host, exchange, &reply);
#endif
}

int32_t add_route(instance* me, agent_error* error) {
  agent_route route;
  memset(&route, 0, sizeof route);
  route.size = (uint32_t)sizeof route;
  route.method = text("GET");
  route.path = text("/broken/{name}");
  route.summary = text("Answers");
  route.context = me;
  route.handle = handle;
  if (me->routes == NULL || me->route != 0) return AGENT_OK;
  return me->routes->add(me->host, &route, &me->route, error);
}

void remove_route(instance* me) {
  if (me->route != 0) me->routes->remove(me->host, me->route);
  me->route = 0;
}

/* ---- a thread, and the module's own handle ---- */

static void* work(void* context) {
  instance* me = context;
  if (me->worker_does == worker_hangs) hang();
  if (me->worker_does == worker_logs) {
    wait_ms(5);
    if (me->log != NULL) me->log->write(me->host, AGENT_LOG_INFO, text("broken"), text("still here"), NULL, 0);
    return NULL;
  }
  while (!__atomic_load_n(&me->ending, __ATOMIC_ACQUIRE)) wait_ms(1);
  return NULL;
}

void start_worker(instance* me, int what) {
  if (me->has_worker) return;
  me->worker_does = what;
  me->has_worker = pthread_create(&me->worker, NULL, work, me) == 0;
}

void join_worker(instance* me) {
  if (!me->has_worker) return;
  __atomic_store_n(&me->ending, 1, __ATOMIC_RELEASE);
  pthread_join(me->worker, NULL);
  me->has_worker = 0;
}

void pin_this_module(void) {
  static const char anchor = 0;
  Dl_info info;
  if (dladdr(&anchor, &info) != 0) dlopen(info.dli_fname, RTLD_NOW);
}
