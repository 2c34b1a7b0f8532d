/*
 * agent_plugin/ext/metrics.h - "agent.metrics/1": figures for the host's /metrics page. Offered by the plugin.
 *
 * The host pulls: at each scrape it calls collect() and writes what it is told in the Prometheus text format. Names and
 * units follow Prometheus' conventions (base units; counters end in _total). Labels never hold tenant ids.
 */
#ifndef AGENT_PLUGIN_EXT_METRICS_H
#define AGENT_PLUGIN_EXT_METRICS_H

#include "agent_plugin/plugin.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_METRICS "agent.metrics/1"

enum { AGENT_METRIC_COUNTER = 0, AGENT_METRIC_GAUGE = 1, AGENT_METRIC_HISTOGRAM = 2 };

typedef struct agent_metric_label {
  uint32_t size;
  uint32_t reserved;
  agent_text name;
  agent_text value;
} agent_metric_label;

/** The distribution of a histogram: cumulative counts, as Prometheus has them. */
typedef struct agent_metric_histogram {
  uint32_t size;
  uint32_t bucket_count;
  const double* upper_bounds;        /* bucket_count of them, ascending, without +Inf */
  const uint64_t* cumulative_counts; /* bucket_count of them */
  uint64_t count;                    /* of all observations, the +Inf bucket */
  double sum;
} agent_metric_histogram;

/** Where a plugin writes its figures. Valid until collect() returns. */
typedef struct agent_metrics_sink {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /** Begins a metric; all its samples follow before the next one begins. [within collect()] */
  void (*metric)(void* context, agent_text name, int32_t type, agent_text help);
  /** One sample of a counter or gauge. [within collect()] */
  void (*sample)(void* context, const agent_metric_label* const* labels, size_t label_count, double value);
  /** One histogram. [within collect()] */
  void (*histogram)(void* context, const agent_metric_label* const* labels, size_t label_count,
                    const agent_metric_histogram* histogram);
} agent_metrics_sink;

typedef struct agent_metrics {
  uint32_t size;
  uint32_t reserved;
  /** Writes all present figures. Must not block. [any-thread & any-state] */
  void (*collect)(const agent_plugin* plugin, const agent_metrics_sink* sink);
} agent_metrics;

AGENT_EXTERN_C_END

#endif
