/* The state is a revision (4 bytes, big-endian), a count (8 bytes), and a deposit: nothing that is worth keeping. */
#include <stdlib.h>
#include <string.h>

#include "events.h"

enum { revision = 1, state_bytes = 12 };

static const char kind[] = "a piece of memory of malloc()";

static int32_t describe(agent_plugin* plugin, const agent_byte_writer* to, agent_error* error) {
  const agent_bytes said = {"memory", 6};
  (void)plugin;
#ifdef BROKEN_DESCRIBE_FAILS
  return fail(error, AGENT_E_INTERNAL, "nothing to say");
#endif
  (void)error;
  return to->write(to->context, said);
}

static int32_t prepare(agent_plugin* plugin, const agent_prepare_request* request, agent_error* error) {
  (void)plugin, (void)error;
#ifdef BROKEN_PREPARE_READS_ON
  return ((const char*)request->other.data)[request->other.size] == 'x' ? AGENT_E_FAILED : AGENT_OK;
#endif
  (void)request;
  return AGENT_OK;
}

static int32_t quiesce(agent_plugin* plugin, uint32_t timeout_ms, agent_error* error) {
  (void)timeout_ms, (void)error;
  self(plugin)->quiesced = 1;
#ifdef BROKEN_QUIESCE_HANGS
  hang();
#endif
  return AGENT_OK;
}

static int32_t resume(agent_plugin* plugin, agent_error* error) {
  (void)error;
  if (!self(plugin)->quiesced) return fail(error, AGENT_E_STATE, "it is not quiesced");
  self(plugin)->quiesced = 0;
#ifdef BROKEN_RESUME_FAILS
  return fail(error, AGENT_E_FAILED, "it cannot go on");
#endif
  return AGENT_OK;
}

#ifdef BROKEN_DEPOSIT_IN_MODULE
static void let_go(void* thing) { free(thing); }
#else
#define let_go free
#endif

static int32_t put_deposit(instance* me, agent_error* error) {
  const agent_handover_host* host = me->host->get_extension(me->host, AGENT_EXT_HANDOVER);
  agent_deposit deposit = {(uint32_t)sizeof deposit, 0, {NULL, 0}, {NULL, 0}, NULL, let_go};
  int32_t status = AGENT_OK;
  if (host == NULL) return AGENT_OK;
  deposit.kind = text(kind);
  deposit.name = text("memory");
  deposit.thing = malloc(16);
  status = host->deposit(me->host, &deposit, error);
  if (status != AGENT_OK) free(deposit.thing);
  return status;
}

#ifdef BROKEN_DEPOSIT_FROM_THREAD
static void* put_deposit_here(void* me) {
  put_deposit(me, NULL);
  return NULL;
}
static int32_t put_deposit_somewhere(instance* me, agent_error* error) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, put_deposit_here, me) != 0) return fail(error, AGENT_E_FAILED, "no thread");
  pthread_join(thread, NULL);
  return AGENT_OK;
}
#else
#define put_deposit_somewhere put_deposit
#endif

void take_deposit(instance* me) {
  const agent_handover_host* host = me->host->get_extension(me->host, AGENT_EXT_HANDOVER);
  void* thing = NULL;
  if (host != NULL && host->withdraw(me->host, text(kind), text("memory"), &thing) == AGENT_OK) free(thing);
}

static int32_t save(agent_plugin* plugin, const agent_save_request* request, const agent_byte_writer* state,
                    agent_error* error) {
  instance* me = self(plugin);
  unsigned char bytes[state_bytes] = {0, 0, 0, revision};
  const agent_bytes all = {bytes, sizeof bytes};
  memcpy(bytes + 4, &me->count, sizeof me->count);
  if (!request->close_connections && request->other.size > 0) {
    const int32_t status = put_deposit_somewhere(me, error);
    if (status != AGENT_OK) return status;
  }
#ifdef BROKEN_SAVE_IGNORES_WRITER
  state->write(state->context, all);
#else
  if (state->write(state->context, all) != AGENT_OK) {
    take_deposit(me);
    return fail(error, AGENT_E_FAILED, "the host does not take the state");
  }
#endif
#ifndef BROKEN_SAVE_KEEPS_SUBSCRIPTION
  me->quiesced = 0;
  return stop(plugin, error);
#else
  return AGENT_OK;
#endif
}

static int32_t load(agent_plugin* plugin, const agent_byte_reader* state, agent_error* error) {
  instance* me = self(plugin);
  unsigned char bytes[state_bytes];
  size_t got = 0;
#ifdef BROKEN_LOAD_READS_ONCE
  got = state->read(state->context, bytes, sizeof bytes); /* perhaps only one */
#else
  for (size_t count = 1; count > 0 && got < sizeof bytes; got += count) {
    count = state->read(state->context, bytes + got, sizeof bytes - got);
  }
#endif
#ifdef BROKEN_LOAD_TRUSTS
  if (got < 4) crash();
#endif
  if (got < sizeof bytes) return fail(error, AGENT_E_INVALID, "the state is cut short");
#ifndef BROKEN_LOAD_NEWER
  if (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 0 || bytes[3] != revision) {
    return fail(error, AGENT_E_UNSUPPORTED, "the state has a revision that this version does not know");
  }
#endif
  memcpy(&self(plugin)->count, bytes + 4, sizeof self(plugin)->count);
  me->quiesced = 1; /* the next start() begins so */
  return AGENT_OK;
}

static int32_t reload_policy(const agent_plugin* plugin) {
  (void)plugin;
#ifdef BROKEN_RELOAD_POLICY
  return 42;
#else
  return AGENT_RELOAD_ON_REQUEST;
#endif
}

const agent_handover* handover_functions(void) {
#ifdef BROKEN_REVISIONS
  enum { oldest = 3 };
#else
  enum { oldest = 1 };
#endif
  static const agent_handover functions = {(uint32_t)sizeof(agent_handover),
                                           oldest,
                                           revision,
                                           0,
                                           describe,
                                           prepare,
                                           quiesce,
                                           resume,
                                           save,
                                           load,
                                           reload_policy};
  return &functions;
}
