/*
 * The layout of every struct of plugin_api 1.0 on 64-bit platforms, frozen: what compiles here can be loaded by any
 * host of version 1. A line that no longer holds is an ABI break. New members only add lines, and the size of the
 * struct may grow; nothing else is ever edited.
 */
#include "agent_plugin/agent_plugin.h"

#if UINTPTR_MAX == UINT64_MAX
#define SIZE_AT_LEAST(type, bytes) _Static_assert(sizeof(type) >= (bytes), #type " has shrunk")
#define FROZEN_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " is frozen for ever")
#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")

/* abi.h */
FROZEN_SIZE(agent_text, 16);
AT(agent_text, data, 0);
AT(agent_text, size, 8);

FROZEN_SIZE(agent_bytes, 16);
AT(agent_bytes, data, 0);
AT(agent_bytes, size, 8);

FROZEN_SIZE(agent_header, 32);
AT(agent_header, name, 0);
AT(agent_header, value, 16);

/* status.h */
SIZE_AT_LEAST(agent_error, 1552);
AT(agent_error, size, 0);
AT(agent_error, code, 4);
AT(agent_error, line, 8);
AT(agent_error, column, 12);
AT(agent_error, message, 16);
AT(agent_error, file, 1040);
AT(agent_error, key_path, 1296);

/* config.h */
SIZE_AT_LEAST(agent_config_override, 40);
AT(agent_config_override, size, 0);
AT(agent_config_override, reserved, 4);
AT(agent_config_override, key_path, 8);
AT(agent_config_override, value, 24);

SIZE_AT_LEAST(agent_config_problem, 64);
AT(agent_config_problem, size, 0);
AT(agent_config_problem, severity, 4);
AT(agent_config_problem, file, 8);
AT(agent_config_problem, line, 24);
AT(agent_config_problem, column, 28);
AT(agent_config_problem, key_path, 32);
AT(agent_config_problem, message, 48);

SIZE_AT_LEAST(agent_config, 64);
AT(agent_config, size, 0);
AT(agent_config, override_count, 4);
AT(agent_config, file, 8);
AT(agent_config, text, 24);
AT(agent_config, overrides, 40);
AT(agent_config, context, 48);
AT(agent_config, problem, 56);

/* event.h */
SIZE_AT_LEAST(agent_event, 144);
AT(agent_event, size, 0);
AT(agent_event, header_count, 4);
AT(agent_event, topic, 8);
AT(agent_event, tenant, 24);
AT(agent_event, key, 40);
AT(agent_event, id, 56);
AT(agent_event, content_type, 72);
AT(agent_event, payload, 88);
AT(agent_event, headers, 104);
AT(agent_event, timestamp_us, 112);
AT(agent_event, publisher, 120);
AT(agent_event, retain, 128);
AT(agent_event, release, 136);

/* host.h */
SIZE_AT_LEAST(agent_host, 104);
AT(agent_host, size, 0);
AT(agent_host, abi_major, 4);
AT(agent_host, abi_minor, 8);
AT(agent_host, reserved, 12);
AT(agent_host, name, 16);
AT(agent_host, version, 32);
AT(agent_host, label, 48);
AT(agent_host, wallet_id, 64);
AT(agent_host, instance, 80);
AT(agent_host, host_data, 88);
AT(agent_host, get_extension, 96);

/* plugin.h */
SIZE_AT_LEAST(agent_drain_report, 32);
AT(agent_drain_report, size, 0);
AT(agent_drain_report, reserved, 4);
AT(agent_drain_report, delivered, 8);
AT(agent_drain_report, undelivered, 16);
AT(agent_drain_report, kept, 24);

SIZE_AT_LEAST(agent_plugin, 64);
AT(agent_plugin, size, 0);
AT(agent_plugin, reserved, 4);
AT(agent_plugin, plugin_data, 8);
AT(agent_plugin, get_extension, 16);
AT(agent_plugin, configure, 24);
AT(agent_plugin, start, 32);
AT(agent_plugin, drain, 40);
AT(agent_plugin, stop, 48);
AT(agent_plugin, destroy, 56);

SIZE_AT_LEAST(agent_plugin_module, 112);
AT(agent_plugin_module, size, 0);
AT(agent_plugin_module, pointer_bits, 4);
AT(agent_plugin_module, magic, 8);
AT(agent_plugin_module, abi_major, 16);
AT(agent_plugin_module, abi_minor, 20);
AT(agent_plugin_module, name, 24);
AT(agent_plugin_module, version, 40);
AT(agent_plugin_module, build_id, 56);
AT(agent_plugin_module, description, 72);
AT(agent_plugin_module, runtime, 88);
AT(agent_plugin_module, create, 104);

/* ext/admin_routes.h */
SIZE_AT_LEAST(agent_http_parameter, 40);
AT(agent_http_parameter, size, 0);
AT(agent_http_parameter, reserved, 4);
AT(agent_http_parameter, name, 8);
AT(agent_http_parameter, value, 24);

SIZE_AT_LEAST(agent_http_request, 96);
AT(agent_http_request, size, 0);
AT(agent_http_request, path_parameter_count, 4);
AT(agent_http_request, query_parameter_count, 8);
AT(agent_http_request, timeout_ms, 12);
AT(agent_http_request, method, 16);
AT(agent_http_request, path, 32);
AT(agent_http_request, path_parameters, 48);
AT(agent_http_request, query_parameters, 56);
AT(agent_http_request, content_type, 64);
AT(agent_http_request, body, 80);

SIZE_AT_LEAST(agent_http_reply, 40);
AT(agent_http_reply, size, 0);
AT(agent_http_reply, status, 4);
AT(agent_http_reply, content_type, 8);
AT(agent_http_reply, body, 24);

SIZE_AT_LEAST(agent_route_parameter, 40);
AT(agent_route_parameter, size, 0);
AT(agent_route_parameter, required, 4);
AT(agent_route_parameter, name, 8);
AT(agent_route_parameter, description, 24);

SIZE_AT_LEAST(agent_route, 128);
AT(agent_route, size, 0);
AT(agent_route, parameter_count, 4);
AT(agent_route, method, 8);
AT(agent_route, path, 24);
AT(agent_route, summary, 40);
AT(agent_route, description, 56);
AT(agent_route, parameters, 72);
AT(agent_route, request_schema, 80);
AT(agent_route, response_schema, 96);
AT(agent_route, context, 112);
AT(agent_route, handle, 120);

SIZE_AT_LEAST(agent_admin_routes, 32);
AT(agent_admin_routes, size, 0);
AT(agent_admin_routes, reserved, 4);
AT(agent_admin_routes, add, 8);
AT(agent_admin_routes, remove, 16);
AT(agent_admin_routes, respond, 24);

/* ext/event_bus.h */
SIZE_AT_LEAST(agent_event_draft, 136);
AT(agent_event_draft, size, 0);
AT(agent_event_draft, header_count, 4);
AT(agent_event_draft, topic, 8);
AT(agent_event_draft, tenant, 24);
AT(agent_event_draft, key, 40);
AT(agent_event_draft, id, 56);
AT(agent_event_draft, content_type, 72);
AT(agent_event_draft, payload, 88);
AT(agent_event_draft, headers, 104);
AT(agent_event_draft, timestamp_us, 112);
AT(agent_event_draft, payload_owner, 120);
AT(agent_event_draft, payload_release, 128);

SIZE_AT_LEAST(agent_event_result, 40);
AT(agent_event_result, size, 0);
AT(agent_event_result, outcome, 4);
AT(agent_event_result, handlers, 8);
AT(agent_event_result, busy, 12);
AT(agent_event_result, failed, 16);
AT(agent_event_result, reserved, 20);
AT(agent_event_result, detail, 24);

SIZE_AT_LEAST(agent_event_completion, 32);
AT(agent_event_completion, size, 0);
AT(agent_event_completion, reserved, 4);
AT(agent_event_completion, context, 8);
AT(agent_event_completion, cookie, 16);
AT(agent_event_completion, completed, 24);

SIZE_AT_LEAST(agent_subscription, 48);
AT(agent_subscription, size, 0);
AT(agent_subscription, pattern_count, 4);
AT(agent_subscription, patterns, 8);
AT(agent_subscription, name, 16);
AT(agent_subscription, context, 32);
AT(agent_subscription, on_event, 40);

SIZE_AT_LEAST(agent_event_bus, 64);
AT(agent_event_bus, size, 0);
AT(agent_event_bus, reserved, 4);
AT(agent_event_bus, publish, 8);
AT(agent_event_bus, subscribe, 16);
AT(agent_event_bus, unsubscribe, 24);
AT(agent_event_bus, defer, 32);
AT(agent_event_bus, complete, 40);
AT(agent_event_bus, complete_many, 48);
AT(agent_event_bus, listeners, 56);

/* ext/health.h */
SIZE_AT_LEAST(agent_health_report, 272);
AT(agent_health_report, size, 0);
AT(agent_health_report, live, 4);
AT(agent_health_report, ready, 8);
AT(agent_health_report, reserved, 12);
AT(agent_health_report, reason, 16);

SIZE_AT_LEAST(agent_health, 16);
AT(agent_health, size, 0);
AT(agent_health, reserved, 4);
AT(agent_health, check, 8);

/* ext/log.h */
SIZE_AT_LEAST(agent_log_field, 40);
AT(agent_log_field, size, 0);
AT(agent_log_field, reserved, 4);
AT(agent_log_field, name, 8);
AT(agent_log_field, value, 24);

SIZE_AT_LEAST(agent_log, 24);
AT(agent_log, size, 0);
AT(agent_log, reserved, 4);
AT(agent_log, level, 8);
AT(agent_log, write, 16);

/* ext/metrics.h */
SIZE_AT_LEAST(agent_metric_label, 40);
AT(agent_metric_label, size, 0);
AT(agent_metric_label, reserved, 4);
AT(agent_metric_label, name, 8);
AT(agent_metric_label, value, 24);

SIZE_AT_LEAST(agent_metric_histogram, 40);
AT(agent_metric_histogram, size, 0);
AT(agent_metric_histogram, bucket_count, 4);
AT(agent_metric_histogram, upper_bounds, 8);
AT(agent_metric_histogram, cumulative_counts, 16);
AT(agent_metric_histogram, count, 24);
AT(agent_metric_histogram, sum, 32);

SIZE_AT_LEAST(agent_metrics_sink, 40);
AT(agent_metrics_sink, size, 0);
AT(agent_metrics_sink, reserved, 4);
AT(agent_metrics_sink, context, 8);
AT(agent_metrics_sink, metric, 16);
AT(agent_metrics_sink, sample, 24);
AT(agent_metrics_sink, histogram, 32);

SIZE_AT_LEAST(agent_metrics, 16);
AT(agent_metrics, size, 0);
AT(agent_metrics, reserved, 4);
AT(agent_metrics, collect, 8);

#else
#error "write the layout of this platform down before anything is released on it"
#endif

/* ISO C wants a declaration in every translation unit. */
typedef int agent_plugin_layout_1_0;
