/*
 * agent_plugin/ext/admin_routes.h - "agent.admin_routes/1": HTTP routes on the host's admin server. Offered by the host.
 *
 * The host authenticates, limits and times out; the plugin answers, at once or later, from any thread:
 *
 *   static void on_status(void* context, const agent_http_request* request, uint64_t exchange) {
 *     agent_http_reply reply = {sizeof reply, 200, text("application/json"), bytes("{}"), };
 *     routes->respond(host, exchange, &reply);
 *   }
 */
#ifndef AGENT_PLUGIN_EXT_ADMIN_ROUTES_H
#define AGENT_PLUGIN_EXT_ADMIN_ROUTES_H

#include "agent_plugin/host.h"
#include "agent_plugin/status.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_ADMIN_ROUTES "agent.admin_routes/1"

/** A name and a value, percent-decoded. */
typedef struct agent_http_parameter {
  uint32_t size;
  uint32_t reserved;
  agent_text name;
  agent_text value;
} agent_http_parameter;

/** One request. Everything in it is borrowed until the handler returns: copy what is needed later. */
typedef struct agent_http_request {
  uint32_t size;
  uint32_t path_parameter_count;
  uint32_t query_parameter_count;
  uint32_t timeout_ms; /* after this long the host answers 504 itself */
  agent_text method;   /* GET, POST, DELETE … */
  agent_text path;     /* as it was sent, without the query */
  const agent_http_parameter* const* path_parameters;
  const agent_http_parameter* const* query_parameters;
  agent_text content_type;
  agent_bytes body;
} agent_http_request;

/** An answer. Errors are RFC 9457 problem details: content type application/problem+json. */
typedef struct agent_http_reply {
  uint32_t size;
  int32_t status; /* 100 to 599 */
  agent_text content_type;
  agent_bytes body;
} agent_http_reply;

/** One query parameter of a route, for the OpenAPI document. */
typedef struct agent_route_parameter {
  uint32_t size;
  int32_t required; /* 0 or 1 */
  agent_text name;
  agent_text description;
} agent_route_parameter;

typedef struct agent_route {
  uint32_t size;
  uint32_t parameter_count;
  agent_text method;      /* upper case */
  agent_text path;        /* starts with /; {name} stands for one segment: /kafka/topics/{name} */
  agent_text summary;     /* one line, for the OpenAPI document */
  agent_text description; /* may be empty */
  const agent_route_parameter* const* parameters;
  agent_text request_schema;  /* JSON Schema of the body as JSON text, or empty: the route takes no body */
  agent_text response_schema; /* JSON Schema of the answer 200 as JSON text, or empty */
  void* context;
  /** Handles one request; respond() must be called exactly once for `exchange`, now or later. Must not block for long.
   *  [any-thread & configured, active or draining] */
  void (*handle)(void* context, const agent_http_request* request, uint64_t exchange);
} agent_route;

typedef struct agent_admin_routes {
  uint32_t size;
  uint32_t reserved;

  /** Adds a route; everything in it is copied. AGENT_E_EXISTS: method and path are taken. [any-thread & any-state] */
  int32_t (*add)(const agent_host* host, const agent_route* route, uint64_t* token, agent_error* error);

  /** Removes a route. When it returns no call of its handler is running; from within that handler: from its return on.
   *  Exchanges that were not answered get 503 from the host. [any-thread & any-state] */
  int32_t (*remove)(const agent_host* host, uint64_t token);

  /** Answers one request; the reply is copied. AGENT_E_NOT_FOUND: it was answered, timed out, or never existed.
   *  [any-thread & any-state] */
  int32_t (*respond)(const agent_host* host, uint64_t exchange, const agent_http_reply* reply);
} agent_admin_routes;

AGENT_EXTERN_C_END

#endif
