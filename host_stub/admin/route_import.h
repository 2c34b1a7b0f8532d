// Between the C structs of "agent.admin_routes/1" and the host's own records.
#pragma once

#include <cstdint>

#include "agent_plugin/ext/admin_routes.h"

#include "admin/route_table.h"
#include "core/result.h"

namespace host_stub {

/// Copies a plugin's route; its handler becomes a function that builds the agent_http_request. Members that an older
/// plugin does not have count as empty. AGENT_E_INVALID: no handler, or a text that cannot be used.
[[nodiscard]] Result<HostRoute> import_route(const agent_route& route, std::uint64_t owner);

/// Copies a plugin's reply. AGENT_E_INVALID: it cannot be sent.
[[nodiscard]] Result<HttpReply> import_reply(const agent_http_reply& reply);

/// Is it an upper-case method, a path template, and are the schemas JSON? The failure says what is wrong.
[[nodiscard]] Result<void> check_route(const RouteInfo& info);

void fill_error(agent_error* error, const Failure& failure) noexcept;

}  // namespace host_stub
