/*
 * agent_plugin/draft/tracing.h - DRAFT of "agent.tracing/1": spans in the host's tracing. Offered by the host.
 *
 * A draft may still change. Trace context travels in event headers (traceparent, tracestate: W3C Trace Context) with or
 * without this extension.
 */
#ifndef AGENT_PLUGIN_DRAFT_TRACING_H
#define AGENT_PLUGIN_DRAFT_TRACING_H

#include "agent_plugin/host.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_TRACING "agent.tracing/1"

/** One attribute of a span; names follow OpenTelemetry's semantic conventions. */
typedef struct agent_span_attribute {
  uint32_t size;
  uint32_t reserved;
  agent_text name;
  agent_text value;
} agent_span_attribute;

typedef struct agent_tracing {
  uint32_t size;
  uint32_t reserved;
  /** Begins a span; `traceparent` may be empty (a new trace). Returns its number, 0 if it is not sampled.
   *  [any-thread & active] */
  uint64_t (*begin)(const agent_host* host, agent_text name, agent_text traceparent);
  /** Ends a span. `failed` is 0 or 1. [any-thread & any-state] */
  void (*end)(const agent_host* host, uint64_t span, const agent_span_attribute* const* attributes, size_t count,
              int32_t failed);
} agent_tracing;

AGENT_EXTERN_C_END

#endif
