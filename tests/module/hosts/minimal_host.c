/*
 * The smallest host that can run kafka_events: C99, the contract's headers, POSIX. It loads the module, configures and
 * starts it, publishes one event, waits for the event that says where in Kafka it lies, and ends in order.
 *
 *   minimal_host kafka_events.so agent.yaml acapy::outbound::hello '{"hello": "Kafka"}'
 *
 * Read main() at the end first. docs/host-author-guide.md walks through it and says what else a host should do.
 */
#define _POSIX_C_SOURCE 200809L /* NOLINT(bugprone-reserved-identifier): clock_gettime */
#include <dlfcn.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent_plugin/agent_plugin.h"

/* Guards subscribers and results. Never held while somebody else's code is called. Counts are atomic. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static agent_text text(const char* value) { return (agent_text){value, strlen(value)}; }
static int32_t fail(agent_error* error, int32_t code, const char* message) {
  if (error != NULL) snprintf(error->message, sizeof error->message, "%s", message), error->code = code;
  return code;
}

/* ---- Events: made from drafts, shared by references, gone with the last one ---- */
typedef struct event {
  agent_event face;             /* first, so that a pointer to the one is a pointer to the other */
  uint32_t references, pending; /* pending: handlings that are not over yet; publish() itself counts as one */
  agent_event_result result;
  agent_event_completion completion; /* completed is NULL if nobody asked */
  void* payload_owner;
  void (*payload_release)(void* payload_owner); /* NULL: the payload was copied */
  char id[32];
  agent_header headers[]; /* and behind them the copied bytes */
} event;
static uint32_t alive; /* how many there are; 0 at the end, or a reference was lost */

static void retain(const agent_event* face) { __atomic_add_fetch(&((event*)face)->references, 1, __ATOMIC_RELAXED); }
static void release(const agent_event* face) {
  event* self = (event*)face;
  if (__atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) != 0) return;
  if (self->payload_release != NULL) self->payload_release(self->payload_owner);
  free(self);
  __atomic_sub_fetch(&alive, 1, __ATOMIC_RELAXED);
}
/* Copies to *end and moves it on. What was NULL stays NULL: no value is not an empty value. */
static agent_bytes copy(char** end, const void* data, size_t size) {
  if (data == NULL) return (agent_bytes){NULL, 0};
  *end += size;
  return (agent_bytes){memcpy(*end - size, data, size), size};
}
static agent_bytes copy_bytes(char** end, agent_bytes value) { return copy(end, value.data, value.size); }
static agent_text copy_text(char** end, agent_text value) {
  return (agent_text){copy(end, value.data, value.size).data, value.size};
}

static event* make_event(const agent_event_draft* draft, uint64_t publisher) {
  static unsigned count;
  struct timespec now;
  size_t size = sizeof(event) + draft->header_count * sizeof(agent_header) + draft->topic.size + draft->tenant.size +
                draft->key.size + draft->id.size + draft->content_type.size + draft->payload.size;
  for (uint32_t i = 0; i < draft->header_count; ++i) size += draft->headers[i].name.size + draft->headers[i].value.size;
  event* self = calloc(1, size);
  if (self == NULL) return NULL;
  __atomic_add_fetch(&alive, 1, __ATOMIC_RELAXED);
  char* end = (char*)(self->headers + draft->header_count);
  for (uint32_t i = 0; i < draft->header_count; ++i) {
    self->headers[i].name = copy_text(&end, draft->headers[i].name);
    self->headers[i].value = copy_bytes(&end, draft->headers[i].value);
  }
  clock_gettime(CLOCK_REALTIME, &now);
  snprintf(self->id, sizeof self->id, "event-%u", __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED));
  self->face = (agent_event){
      .size = (uint32_t)sizeof self->face,
      .header_count = draft->header_count,
      .headers = self->headers,
      .topic = copy_text(&end, draft->topic),
      .tenant = copy_text(&end, draft->tenant),
      .key = copy_bytes(&end, draft->key),
      .content_type = copy_text(&end, draft->content_type),
      .id = draft->id.size != 0 ? copy_text(&end, draft->id) : text(self->id),
      .payload = draft->payload_release != NULL ? draft->payload : copy_bytes(&end, draft->payload),
      .timestamp_us = draft->timestamp_us != 0 ? draft->timestamp_us : now.tv_sec * 1000000LL + now.tv_nsec / 1000,
      .publisher = publisher,
      .retain = retain,
      .release = release};
  self->references = self->pending = 1; /* publish()'s own, until it has called every handler */
  self->result.size = (uint32_t)sizeof self->result;
  self->payload_owner = draft->payload_owner, self->payload_release = draft->payload_release;
  return self;
}
/* One handling is over: the last one tells whoever asked. The reference that went with it is given back. */
static void finish(event* self, int32_t outcome) {
  pthread_mutex_lock(&lock);
  self->result.busy += outcome == AGENT_OUTCOME_BUSY;
  self->result.failed += outcome == AGENT_OUTCOME_FAILED;
  if (outcome > self->result.outcome) self->result.outcome = outcome;
  pthread_mutex_unlock(&lock);
  const agent_event_completion* asked = &self->completion;
  const int last = __atomic_sub_fetch(&self->pending, 1, __ATOMIC_ACQ_REL) == 0;
  if (last && asked->completed != NULL) asked->completed(asked->context, asked->cookie, &self->result);
  release(&self->face);
}

/* ---- The bus: agent.event_bus/1 ---- */
enum { subscriber_limit = 16 }; /* everything has a bound */
typedef struct subscriber {
  uint64_t token; /* 0: nobody's */
  int running;    /* calls of its handler */
  regex_t patterns;
  void* context;
  int32_t (*on_event)(void* context, const agent_event* face);
} subscriber;
static subscriber subscribers[subscriber_limit];
/* RE2 is asked for; POSIX' expressions are near enough for prefixes. A match must begin where the topic does. */
static int matches(const subscriber* one, agent_text topic) {
  char buffer[1025];
  regmatch_t where;
  snprintf(buffer, sizeof buffer, "%.*s", (int)topic.size, topic.data);
  return one->token != 0 && regexec(&one->patterns, buffer, 1, &where, 0) == 0 && where.rm_so == 0;
}

static int32_t subscribe(const agent_host* host, const agent_subscription* add, uint64_t* token, agent_error* error) {
  static uint64_t count;
  char all[2048] = "";
  size_t used = 0, i = 0;
  for (; host != NULL && used < sizeof all && i < add->pattern_count; ++i) { /* (first)|(second)… */
    used += (size_t)snprintf(all + used, sizeof all - used, "%s(%.*s)", i > 0 ? "|" : "", (int)add->patterns[i].size,
                             add->patterns[i].data);
  }
  pthread_mutex_lock(&lock);
  for (i = 0; i < subscriber_limit && (subscribers[i].token != 0 || subscribers[i].running != 0);) ++i;
  subscriber* one = &subscribers[i];
  const int valid = used < sizeof all && i < subscriber_limit && regcomp(&one->patterns, all, REG_EXTENDED) == 0;
  if (valid) {
    one->context = add->context, one->on_event = add->on_event;
    *token = one->token = ++count * subscriber_limit + i; /* never 0, never the same, and says which one it is */
  }
  pthread_mutex_unlock(&lock);
  return valid ? AGENT_OK : fail(error, AGENT_E_INVALID, "a pattern is wrong, or there are too many or too long ones");
}
/* Returns when no call of the handler runs, so that the plugin may free its context. A handler that removes itself would
 * wait for its own end here; the guide says how a host recognises that. kafka_events never does it. */
static int32_t unsubscribe(const agent_host* host, uint64_t token) {
  subscriber* one = &subscribers[token % subscriber_limit];
  pthread_mutex_lock(&lock);
  const int found = host != NULL && token != 0 && one->token == token;
  if (found) {
    one->token = 0;
    regfree(&one->patterns);
    while (one->running > 0) pthread_cond_wait(&changed, &lock);
  }
  pthread_mutex_unlock(&lock);
  return found ? AGENT_OK : AGENT_E_NOT_FOUND;
}
/* `more` completions are awaited, and each of them brings a reference back. [within on_event] */
static void defer(const agent_host* host, const agent_event* face, uint32_t more) {
  (void)host;
  __atomic_add_fetch(&((event*)face)->pending, more, __ATOMIC_RELAXED);
  __atomic_add_fetch(&((event*)face)->references, more, __ATOMIC_RELAXED);
}

static void offer(const agent_host* host, event* self, subscriber* one) {
  pthread_mutex_lock(&lock);
  const int wanted = matches(one, self->face.topic);
  one->running += wanted;
  self->result.handlers += (uint32_t)wanted;
  pthread_mutex_unlock(&lock);
  if (!wanted) return;
  defer(host, &self->face, 1); /* for this handling; the handler's own if it answers LATER */
  const int32_t answer = one->on_event(one->context, &self->face);
  const int32_t not_done = answer == AGENT_HANDLER_BUSY ? AGENT_OUTCOME_BUSY : AGENT_OUTCOME_FAILED;
  if (answer != AGENT_HANDLER_LATER) finish(self, answer == AGENT_HANDLER_DONE ? AGENT_OUTCOME_DONE : not_done);
  pthread_mutex_lock(&lock);
  --one->running;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static int32_t publish(const agent_host* host, const agent_event_draft* draft, const agent_event_completion* completion,
                       agent_event_result* result, agent_error* error) {
  const int valid = draft->topic.size > 0 && draft->topic.size <= 1024;
  event* self = valid ? make_event(draft, host->instance) : NULL;
  if (self == NULL) {
    if (draft->payload_release != NULL) draft->payload_release(draft->payload_owner);
    return fail(error, valid ? AGENT_E_FAILED : AGENT_E_INVALID, valid ? "no memory" : "a topic has 1 to 1024 bytes");
  }
  if (completion != NULL) self->completion = *completion;
  for (int i = 0; i < subscriber_limit; ++i) offer(host, self, &subscribers[i]); /* NOLINT: one reference is ours */
  pthread_mutex_lock(&lock);
  const agent_event_result known = self->result;
  pthread_mutex_unlock(&lock);
  if (result != NULL && result->size >= sizeof known) *result = known;
  finish(self, AGENT_OUTCOME_DONE);
  return known.busy > 0 ? AGENT_E_BUSY : AGENT_OK;
}

static void complete(const agent_host* host, const agent_event* face, int32_t outcome, agent_text detail) {
  (void)host, (void)detail; /* which this host does not pass on: a result's detail may be empty */
  finish((event*)face, outcome);
}
static void complete_many(const agent_host* host, const agent_event* const* faces, size_t count, int32_t outcome) {
  for (size_t i = 0; i < count; ++i) complete(host, faces[i], outcome, text(""));
}
static uint32_t listeners(const agent_host* host, agent_text topic) {
  uint32_t count = 0;
  pthread_mutex_lock(&lock);
  for (int i = 0; host != NULL && i < subscriber_limit; ++i) count += (uint32_t)matches(&subscribers[i], topic);
  pthread_mutex_unlock(&lock);
  return count;
}

/* ---- The log: agent.log/1, and problems of a configuration ---- */
static void put(FILE* to, const char* before, agent_text t) { fprintf(to, "%s%.*s", before, (int)t.size, t.data); }
static int32_t level(const agent_host* host) { return host != NULL ? AGENT_LOG_INFO : AGENT_LOG_ERROR; }
static void write_log(const agent_host* host, int32_t line_level, agent_text component, agent_text message,
                      const agent_log_field* const* fields, size_t count) {
  if (line_level < level(host)) return;
  put(stderr, "", component), put(stderr, ": ", message);
  for (size_t i = 0; i < count; ++i) put(stderr, " ", fields[i]->name), put(stderr, "=", fields[i]->value);
  fputc('\n', stderr);
}
static void problem(void* context, const agent_config_problem* one) {
  fprintf(stderr, "%s:%u:%u", (const char*)context, one->line, one->column);
  put(stderr, ": ", one->message), fputc('\n', stderr);
}

/* ---- The life of a plugin ---- */
static const void* get_extension(const agent_host* host, const char* id) {
  static const agent_event_bus bus = {(uint32_t)sizeof bus, 0,        publish, subscribe, unsubscribe, defer, complete,
                                      complete_many,        listeners};
  static const agent_log log = {(uint32_t)sizeof log, 0, level, write_log};
  (void)host; /* anything else is not offered: no admin routes, no handover */
  return strcmp(id, AGENT_EXT_EVENT_BUS) == 0 ? (const void*)&bus : strcmp(id, AGENT_EXT_LOG) == 0 ? &log : NULL;
}

static int32_t on_status(void* answered, const agent_event* status) {
  put(stdout, "", status->topic);
  for (const agent_header* one = status->headers; one < status->headers + status->header_count; ++one) {
    put(stdout, " ", one->name), put(stdout, "=", (agent_text){one->value.data, one->value.size});
  }
  pthread_mutex_lock(&lock);
  *(int*)answered = puts("") >= 0; /* offer() wakes whoever waits */
  pthread_mutex_unlock(&lock);
  return AGENT_HANDLER_DONE;
}
static void must(const char* step, int32_t status, const agent_error* error) {
  if (status != AGENT_OK) fprintf(stderr, "%s: %s (%d)\n", step, error->message, (int)status), _Exit(1);
}

int main(int argc, char** argv) {
  FILE* file = argc == 5 ? fopen(argv[2], "r") : NULL;
  void* module = file != NULL ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (module == NULL) return fprintf(stderr, "usage: minimal_host MODULE.so YAML TOPIC PAYLOAD\n"), 2;
  agent_plugin_entry_function entry = NULL;
  *(void**)&entry = dlsym(module, AGENT_PLUGIN_ENTRY_SYMBOL);
  const agent_plugin_module* block = entry != NULL ? entry() : NULL;
  if (block == NULL || memcmp(block->magic, "AGNTPLUG", 8) != 0 || block->abi_major != AGENT_ABI_MAJOR) return 2;

  static char yaml[65536], pattern[1200];
  const agent_config config = {
      (uint32_t)sizeof config, 0, text(argv[2]), {yaml, fread(yaml, 1, sizeof yaml, file)}, NULL, argv[2], problem};
  const agent_host host = {(uint32_t)sizeof host, AGENT_ABI_MAJOR, AGENT_ABI_MINOR, 0, text("minimal_host"),
                           text("1.0.0"),         text(""),        text(""),        1, NULL,
                           get_extension};
  const agent_host outside = {.instance = 0}; /* who publishes: the host itself, not plugin 1 */
  agent_error error = AGENT_ERROR_INIT;
  agent_plugin* plugin = NULL; /* its life begins; every call of it comes from this one thread */
  must("create", block->create(&host, &plugin, &error), &error);
  must("configure", plugin->configure(plugin, &config, &error), &error);
  must("start", plugin->start(plugin, &error), &error);

  int answered = 0;
  uint64_t token = 0;
  snprintf(pattern, sizeof pattern, "%s::(sent_to_external_queue|undeliverable)$", argv[3]);
  const agent_text patterns = text(pattern);
  const agent_subscription wanted = {(uint32_t)sizeof wanted, 1, &patterns, text("main"), &answered, on_status};
  must("subscribe", subscribe(&outside, &wanted, &token, &error), &error);
  const agent_bytes payload = {argv[4], strlen(argv[4])};
  const agent_event_draft draft = {.size = (uint32_t)sizeof draft, .topic = text(argv[3]), .payload = payload};
  must("publish", publish(&outside, &draft, NULL, NULL, &error), &error);
  const struct timespec deadline = {time(NULL) + 30, 0};
  pthread_mutex_lock(&lock);
  while (!answered && pthread_cond_timedwait(&changed, &lock, &deadline) == 0) continue;
  pthread_mutex_unlock(&lock);

  must("drain", plugin->drain(plugin, 10000, NULL, &error), &error);
  must("stop", plugin->stop(plugin, &error), &error);
  plugin->destroy(plugin);
  unsubscribe(&outside, token);
  dlclose(module);
  return answered && alive == 0 ? 0 : 1;
}
