/*
 * agent_plugin/draft/handover.h - DRAFT of "agent.handover/1": a plugin's state on its way to its successor.
 *
 * A draft may still change; no released host or plugin depends on it. It becomes ext/handover.h with the first host that
 * swaps plugins.
 *
 * The state is a stream of bytes whose first four (big-endian) are the plugin's own state revision. A successor reads the
 * revisions that it knows and refuses others with AGENT_E_UNSUPPORTED; an older version that takes over again (a
 * rollback) asks for a revision that it can read.
 */
#ifndef AGENT_PLUGIN_DRAFT_HANDOVER_H
#define AGENT_PLUGIN_DRAFT_HANDOVER_H

#include "agent_plugin/plugin.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_HANDOVER "agent.handover/1"

typedef struct agent_byte_writer {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /** Takes all `bytes` or fails. [lifecycle-thread & within save()] */
  int32_t (*write)(void* context, agent_bytes bytes);
} agent_byte_writer;

typedef struct agent_byte_reader {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /** Reads up to `capacity` bytes (possibly only one), returns how many, 0 at the end. [lifecycle-thread & within load()] */
  size_t (*read)(void* context, void* buffer, size_t capacity);
} agent_byte_reader;

typedef struct agent_handover {
  uint32_t size;
  uint32_t oldest_revision; /* of the state that this version can load */
  uint32_t newest_revision; /* of the state that it can load; what save() writes unless asked for an older one */
  uint32_t reserved;
  /** Writes the state after drain() in `revision`. [lifecycle-thread & draining] */
  int32_t (*save)(agent_plugin* plugin, uint32_t revision, const agent_byte_writer* writer, agent_error* error);
  /** Reads the state before start(). On failure the plugin is as it was. [lifecycle-thread & configured] */
  int32_t (*load)(agent_plugin* plugin, const agent_byte_reader* reader, agent_error* error);
} agent_handover;

AGENT_EXTERN_C_END

#endif
