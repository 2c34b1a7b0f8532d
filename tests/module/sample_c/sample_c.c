/*
 * A whole plugin in C99: answers every event sample_c::ask with one event sample_c::answer of the same payload, counts
 * them, and shows the count at GET /sample_c/count. The contract's headers are all it needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_plugin/agent_plugin.h"

typedef struct sample {
  agent_plugin table;
  const agent_host* host;
  const agent_event_bus* bus;
  const agent_admin_routes* routes; /* NULL on a host without an admin server */
  const agent_log* log;             /* NULL on a host without a log */
  uint64_t subscription;            /* 0: none */
  uint64_t route;                   /* 0: none */
  uint64_t count;                   /* changed atomically: several threads may publish */
} sample;

static agent_text text(const char* value) {
  agent_text result = {value, strlen(value)};
  return result;
}

static int32_t fail(agent_error* error, int32_t code, const char* message) {
  error->code = code;
  snprintf(error->message, sizeof error->message, "%s", message);
  return code;
}

static int32_t on_event(void* context, const agent_event* event) {
  sample* self = context;
  const agent_event_draft answer = {.size = (uint32_t)sizeof answer,
                                    .topic = text("sample_c::answer"),
                                    .tenant = event->tenant,
                                    .key = event->key,
                                    .payload = event->payload};
  __atomic_fetch_add(&self->count, 1, __ATOMIC_RELAXED);
  return self->bus->publish(self->host, &answer, NULL, NULL, NULL) == AGENT_OK ? AGENT_HANDLER_DONE
                                                                               : AGENT_HANDLER_FAILED;
}

static void on_count(void* context, const agent_http_request* request, uint64_t exchange) {
  sample* self = context;
  char body[64];
  const int size = snprintf(body, sizeof body, "{\"count\":%llu}",
                            (unsigned long long)__atomic_load_n(&self->count, __ATOMIC_RELAXED));
  const agent_http_reply reply = {.size = (uint32_t)sizeof reply,
                                  .status = 200,
                                  .content_type = text("application/json"),
                                  .body = {body, (size_t)size}};
  (void)request;
  self->routes->respond(self->host, exchange, &reply);
}

static int32_t configure(agent_plugin* plugin, const agent_config* config, agent_error* error) {
  sample* self = plugin->plugin_data;
  const agent_route route = {.size = (uint32_t)sizeof route,
                             .method = text("GET"),
                             .path = text("/sample_c/count"),
                             .summary = text("How many events were answered"),
                             .context = self,
                             .handle = on_count};
  (void)config; /* nothing to set */
  if (self->routes == NULL || self->route != 0) return AGENT_OK;
  return self->routes->add(self->host, &route, &self->route, error);
}

static int32_t start(agent_plugin* plugin, agent_error* error) {
  sample* self = plugin->plugin_data;
  const agent_text pattern = text("sample_c::ask$");
  const agent_subscription subscription = {.size = (uint32_t)sizeof subscription,
                                           .pattern_count = 1,
                                           .patterns = &pattern,
                                           .name = text("sample_c"),
                                           .context = self,
                                           .on_event = on_event};
  if (self->log != NULL) {
    self->log->write(self->host, AGENT_LOG_INFO, text("sample_c"), text("answering sample_c::ask"), NULL, 0);
  }
  return self->bus->subscribe(self->host, &subscription, &self->subscription, error);
}

static int32_t stop(agent_plugin* plugin, agent_error* error) {
  sample* self = plugin->plugin_data;
  (void)error;
  if (self->subscription != 0) self->bus->unsubscribe(self->host, self->subscription);
  self->subscription = 0;
  return AGENT_OK;
}

static int32_t drain(agent_plugin* plugin, uint32_t timeout_ms, agent_drain_report* report, agent_error* error) {
  (void)timeout_ms; /* events are answered at once, so nothing is ever held */
  if (report != NULL) report->delivered = report->undelivered = report->kept = 0;
  return stop(plugin, error);
}

static void destroy(agent_plugin* plugin) {
  sample* self = plugin->plugin_data;
  stop(plugin, NULL);
  if (self->route != 0) self->routes->remove(self->host, self->route);
  free(self);
}

static const void* get_extension(const agent_plugin* plugin, const char* id) {
  (void)plugin;
  (void)id;
  return NULL;
}

static int32_t create(const agent_host* host, agent_plugin** plugin, agent_error* error) {
  sample* self = calloc(1, sizeof *self);
  agent_plugin table = {(uint32_t)sizeof table, 0, self, get_extension, configure, start, drain, stop, destroy};
  *plugin = NULL;
  if (self == NULL) return fail(error, AGENT_E_FAILED, "no memory for an instance");
  self->table = table;
  self->host = host;
  self->bus = host->get_extension(host, AGENT_EXT_EVENT_BUS);
  self->routes = host->get_extension(host, AGENT_EXT_ADMIN_ROUTES);
  self->log = host->get_extension(host, AGENT_EXT_LOG);
  if (self->bus == NULL) {
    free(self);
    return fail(error, AGENT_E_UNSUPPORTED, "the host does not offer " AGENT_EXT_EVENT_BUS);
  }
  *plugin = &self->table;
  return AGENT_OK;
}

AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }
  static const agent_plugin_module module = {(uint32_t)sizeof module,
                                             8 * (uint32_t)sizeof(void*),
                                             AGENT_PLUGIN_MAGIC,
                                             AGENT_ABI_MAJOR,
                                             AGENT_ABI_MINOR,
                                             TEXT("sample_c"),
                                             TEXT("1.0.0"),
                                             TEXT("sample"),
                                             TEXT("Answers sample_c::ask"),
                                             TEXT(""),
                                             create};
  return &module;
}
