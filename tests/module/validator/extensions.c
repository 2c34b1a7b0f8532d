/* What the plugin offers: health, metrics, handover; with what is wrong in the variants. */
#include <string.h>

#include "broken.h"

static void check(const agent_plugin* plugin, agent_health_report* report) {
  (void)plugin;
#ifdef BROKEN_HEALTH_TEXT
  memset(report->reason, 'x', sizeof(report->reason)); /* no NUL at the end */
#endif
  report->live = 1;
#ifdef BROKEN_HEALTH_LIVE
  report->live = 42;
#endif
  report->ready = self(plugin)->started;
}

static void collect(const agent_plugin* plugin, const agent_metrics_sink* sink) {
#ifdef BROKEN_METRICS_ORDER
  sink->sample(sink->context, NULL, 0, 1); /* before metric() */
#endif
#ifdef BROKEN_METRICS_NAME
  sink->metric(sink->context, text("not a name"), AGENT_METRIC_COUNTER, text("help"));
#else
  sink->metric(sink->context, text("broken_events_total"), AGENT_METRIC_COUNTER, text("Events handled"));
#endif
  sink->sample(sink->context, NULL, 0, (double)self(plugin)->count);
}

const void* get_extension(const agent_plugin* plugin, const char* id) {
  static const agent_health health = {(uint32_t)sizeof(agent_health), 0, check};
#ifdef BROKEN_NULL_EXTENSION_FUNCTION
  static const agent_metrics metrics = {(uint32_t)sizeof(agent_metrics), 0, NULL};
  (void)collect;
#else
  static const agent_metrics metrics = {(uint32_t)sizeof(agent_metrics), 0, collect};
#endif
  (void)plugin;
#ifdef BROKEN_NEAR_MISS
  if (strncmp(id, AGENT_EXT_HEALTH, strlen("agent.health")) == 0) return &health;
#endif
#ifdef BROKEN_UNKNOWN_ID_CRASHES
  if (strlen(id) > 1000) crash();
#endif
  if (strcmp(id, AGENT_EXT_HEALTH) == 0) return &health;
  if (strcmp(id, AGENT_EXT_METRICS) == 0) return &metrics;
  if (strcmp(id, AGENT_EXT_HANDOVER) == 0) return handover_functions();
  return NULL;
}
