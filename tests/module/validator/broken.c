/* The life of the plugin: the block, create to destroy; with what is wrong in the variants. */
#define _GNU_SOURCE
#include "broken.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events.h"
#include "variants.h"

static int running; /* instances between start() and stop(): for BROKEN_ONE_AT_A_TIME only */
static int created;

/* ---- life ---- */

static int32_t configure(agent_plugin* plugin, const agent_config* config, agent_error* error) {
  instance* me = self(plugin);
#ifdef BROKEN_CONFIG_WITHOUT_PLACE
  if (config->text.size > 200) return fail(error, AGENT_E_INVALID, "something is wrong with it");
#endif
#ifdef BROKEN_CONFIG_CRASHES
  if (config->text.size > 100000) crash();
#endif
#ifdef BROKEN_CONFIG_FORGETS
  if (config->text.size > 50) {
    const agent_config_problem problem = {(uint32_t)sizeof problem, AGENT_PROBLEM_ERROR, config->file, 1, 1, {NULL, 0},
                                          text("too long")};
    config->problem(config->context, &problem);
    me->forgot = 1;
    error->line = 1;
    return fail(error, AGENT_E_INVALID, "too long");
  }
#endif
  me->kept = config->text.data;
#ifdef BROKEN_CONFIGURE_SUBSCRIBES
  subscribe(me, error);
#endif
#ifdef BROKEN_CONFIGURE_STARTS_THREAD
  start_worker(me, worker_waits);
#endif
  return add_route(me, error);
}

static int32_t start(agent_plugin* plugin, agent_error* error) {
  instance* me = self(plugin);
  int32_t status = AGENT_OK;
  ++me->starts;
#if defined(BROKEN_START_FAILS)
  return fail(error, AGENT_E_FAILED, "no ground under the feet");
#elif defined(BROKEN_START_THROWS)
  throw_something();
#elif defined(BROKEN_START_POSITIVE)
  return 1;
#elif defined(BROKEN_THIRD_START_FAILS)
  if (me->starts == 3) return fail(error, AGENT_E_FAILED, "twice is enough");
#elif defined(BROKEN_ONE_AT_A_TIME)
  if (running > 0) return fail(error, AGENT_E_FAILED, "one of them is running already");
#elif defined(BROKEN_KEEPS_POINTER)
  volatile char seen = me->kept != NULL ? *me->kept : 0;
  (void)seen;
#elif defined(BROKEN_SIGNAL)
  signal(SIGUSR1, SIG_IGN);
#elif defined(BROKEN_LOCALE)
  setlocale(LC_ALL, "C.UTF-8");
#elif defined(BROKEN_ENVIRONMENT)
  setenv("BROKEN", "1", 1);
#elif defined(BROKEN_CONFIG_FORGETS)
  if (me->forgot) return fail(error, AGENT_E_STATE, "it has no configuration");
#elif defined(BROKEN_WRITES_BAD_TEXT)
  if (me->log != NULL) me->log->write(me->host, AGENT_LOG_INFO, text("broken"), text("\xff\xfe"), NULL, 0);
#endif
  take_deposit(me);
  status = subscribe(me, error);
#ifdef BROKEN_FAILED_START_LEAVES_THREAD
  if (status != AGENT_OK) start_worker(me, worker_hangs);
#endif
#ifdef BROKEN_CANNOT_FAIL
  if (status != AGENT_OK) crash();
#endif
  if (status != AGENT_OK) return status;
  me->started = 1;
  ++running;
  return AGENT_OK;
}

int32_t stop(agent_plugin* plugin, agent_error* error) {
  instance* me = self(plugin);
  (void)error;
#ifdef BROKEN_STOP_HANGS
  hang();
#endif
#ifdef BROKEN_STOP_ONCE
  if (!me->started) return fail(error, AGENT_E_STATE, "it is not running");
#endif
#ifdef BROKEN_CALLS_AFTER_STOP
  if (me->started) start_worker(me, worker_logs);
#endif
  if (me->started) --running;
  me->started = 0;
  unsubscribe(me);
  return AGENT_OK;
}

static int32_t drain(agent_plugin* plugin, uint32_t timeout_ms, agent_drain_report* report, agent_error* error) {
  (void)error;
#ifdef BROKEN_DRAIN_NEEDS_REPORT
  report->delivered = 0;
#endif
#ifdef BROKEN_DRAIN_TAKES_ITS_TIME
  if (timeout_ms == 0) sleep(4);
#endif
  (void)timeout_ms;
  if (report != NULL) report->delivered = report->undelivered = report->kept = 0;
  unsubscribe(self(plugin));
  return AGENT_OK;
}

static void destroy(agent_plugin* plugin) {
  instance* me = self(plugin);
#ifdef BROKEN_DESTROY_CRASHES
  crash();
#endif
  if (me->started) --running;
#ifndef BROKEN_DESTROY_LEAVES_SUBSCRIPTION
  unsubscribe(me);
#endif
#ifndef BROKEN_FAILED_START_LEAVES_THREAD
  join_worker(me);
#endif
#ifndef BROKEN_ROUTE_LEFT
  remove_route(me);
#endif
#ifndef BROKEN_LEAKS_MEMORY
  free(me);
#endif
}

/* ---- module ---- */

MAYBE_UNUSED static int32_t create(const agent_host* host, agent_plugin** plugin, agent_error* error) {
  agent_plugin table = {(uint32_t)sizeof table, 0, NULL, get_extension, configure, start, drain, stop, destroy};
  instance* me = NULL;
  ++created;
#if defined(BROKEN_CREATE_GIVES_NOTHING)
  return AGENT_OK;
#elif defined(BROKEN_CREATE_WITHOUT_MESSAGE)
  return AGENT_E_FAILED;
#elif defined(BROKEN_CREATE_THROWS)
  throw_something();
#elif defined(BROKEN_CREATE_HANGS)
  hang();
#elif defined(BROKEN_CREATE_CRASHES_LATER)
  if (created == 50) crash();
#elif defined(BROKEN_WANTS_THIS_SIZE)
  if (host->size != sizeof(agent_host)) return fail(error, AGENT_E_UNSUPPORTED, "the host is of another version");
#elif defined(BROKEN_LEAKS_DESCRIPTOR)
  if (dup(0) < 0) return fail(error, AGENT_E_FAILED, "no descriptor");
#elif defined(BROKEN_LEAKS_KEY)
  pthread_key_t key;
  if (created % 10 == 1) pthread_key_create(&key, NULL);
#elif defined(BROKEN_PINS_ITSELF)
  pin_this_module();
#endif
  me = calloc(1, sizeof *me);
#ifdef BROKEN_LEAKS_MEMORY
  me = realloc(me, 16384);
#endif
  if (me == NULL) return fail(error, AGENT_E_FAILED, "no memory");
  me->table = table;
  me->table.plugin_data = me;
  me->host = host;
  me->bus = host->get_extension(host, AGENT_EXT_EVENT_BUS);
  me->routes = host->get_extension(host, AGENT_EXT_ADMIN_ROUTES);
  me->log = host->get_extension(host, AGENT_EXT_LOG);
#ifdef BROKEN_NULL_FUNCTION
  me->table.stop = NULL;
#endif
#ifdef BROKEN_SMALL_TABLE
  me->table.size = 16;
#endif
#ifdef BROKEN_NEEDS_LOG
  (void)me->log->level(host);
#endif
#ifdef BROKEN_PUBLISHES_IN_CREATE
  publish(me, NULL);
#endif
  *plugin = &me->table;
  return AGENT_OK;
}

MAYBE_UNUSED static const agent_plugin_module block = BROKEN_BLOCK;

AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
#if defined(BROKEN_NULL_ENTRY)
  return NULL;
#elif defined(BROKEN_ENTRY_CRASHES)
  crash();
  return NULL;
#elif defined(BROKEN_ENTRY_CHANGES)
  static agent_plugin_module copies[8];
  static int times;
  copies[times % 8] = block;
  return &copies[times++ % 8];
#elif defined(BROKEN_BLOCK_CHANGES)
  static agent_plugin_module copy;
  static uint32_t times;
  copy = block;
  copy.abi_minor = ++times;
  return &copy;
#else
  return &block;
#endif
}
