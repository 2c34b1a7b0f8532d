/*
 * The layout of what plugin_api 1.1 added to 1.0 on 64-bit platforms, frozen as layout_1_0.c is.
 */
#include "agent_plugin/agent_plugin.h"

#if UINTPTR_MAX == UINT64_MAX
#define SIZE_AT_LEAST(type, bytes) _Static_assert(sizeof(type) >= (bytes), #type " has shrunk")
#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")

/* ext/handover.h */
SIZE_AT_LEAST(agent_byte_writer, 24);
AT(agent_byte_writer, size, 0);
AT(agent_byte_writer, reserved, 4);
AT(agent_byte_writer, context, 8);
AT(agent_byte_writer, write, 16);

SIZE_AT_LEAST(agent_byte_reader, 24);
AT(agent_byte_reader, size, 0);
AT(agent_byte_reader, reserved, 4);
AT(agent_byte_reader, context, 8);
AT(agent_byte_reader, read, 16);

SIZE_AT_LEAST(agent_prepare_request, 24);
AT(agent_prepare_request, size, 0);
AT(agent_prepare_request, close_connections, 4);
AT(agent_prepare_request, other, 8);

SIZE_AT_LEAST(agent_save_request, 32);
AT(agent_save_request, size, 0);
AT(agent_save_request, revision, 4);
AT(agent_save_request, timeout_ms, 8);
AT(agent_save_request, close_connections, 12);
AT(agent_save_request, other, 16);

SIZE_AT_LEAST(agent_handover, 72);
AT(agent_handover, size, 0);
AT(agent_handover, oldest_revision, 4);
AT(agent_handover, newest_revision, 8);
AT(agent_handover, reserved, 12);
AT(agent_handover, describe, 16);
AT(agent_handover, prepare, 24);
AT(agent_handover, quiesce, 32);
AT(agent_handover, resume, 40);
AT(agent_handover, save, 48);
AT(agent_handover, load, 56);
AT(agent_handover, reload_policy, 64);

SIZE_AT_LEAST(agent_deposit, 56);
AT(agent_deposit, size, 0);
AT(agent_deposit, reserved, 4);
AT(agent_deposit, kind, 8);
AT(agent_deposit, name, 24);
AT(agent_deposit, thing, 40);
AT(agent_deposit, release, 48);

SIZE_AT_LEAST(agent_handover_host, 24);
AT(agent_handover_host, size, 0);
AT(agent_handover_host, reserved, 4);
AT(agent_handover_host, deposit, 8);
AT(agent_handover_host, withdraw, 16);

_Static_assert(AGENT_RELOAD_ON_REQUEST == 0 && AGENT_RELOAD_ON_CHANGE == 1, "published values");
#endif

/* ISO C wants a declaration in every translation unit. */
typedef int agent_plugin_layout_1_1;
