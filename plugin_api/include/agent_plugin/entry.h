/*
 * agent_plugin/entry.h - the one symbol that a module exports.
 *
 * Link the module with a version script, so that nothing else leaves it (hidden visibility alone still exports the
 * GNU_UNIQUE symbols of inline C++ statics, which keep a module mapped for ever):
 *
 *   { global: agent_plugin_entry; local: *; };
 */
#ifndef AGENT_PLUGIN_ENTRY_H
#define AGENT_PLUGIN_ENTRY_H

#include "agent_plugin/plugin.h"

AGENT_EXTERN_C_BEGIN

/**
 * The module's description; the same pointer at every call; never NULL. Has no side effect. The host calls it once after
 * loading, before anything else. [any-thread]
 */
AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void);

/** The type of agent_plugin_entry, for hosts that look it up by name. */
typedef const agent_plugin_module* (*agent_plugin_entry_function)(void);

#define AGENT_PLUGIN_ENTRY_SYMBOL "agent_plugin_entry"

AGENT_EXTERN_C_END

#endif
