/*
 * agent_plugin/ext/handover.h - "agent.handover/1": one version of a plugin takes over from another in a running host.
 *
 * Offered by the plugin (agent_handover: what the host calls) and by the host (agent_handover_host: what the plugin calls
 * meanwhile), under the same id. A plugin without it is swapped as well, by drain(), stop() and start(): it begins anew.
 *
 *   old   active ──────────────────── quiesce ─► save ─► configured, kept for a rollback ─► destroy
 *   new   create ► configure ► prepare               load ► start ► resume ► active
 *   bus   events reach the old one ───────────│ held by the host │─────► events reach the new one
 *
 * A rollback is the same path in the other direction: quiesce() and save() of the new one, load() and start() of the old
 * one. So every version can be on either side, and asks for nothing that the other one may not have: `revision` says in
 * which form the state is written, and things that cannot be written as bytes change hands as deposits.
 *
 * The state is a stream of bytes, the plugin's own; by convention its first four bytes are its revision, big-endian. A
 * version reads the revisions that it knows and refuses others with AGENT_E_UNSUPPORTED; it must expect anything there:
 * nothing, noise, a stream that is cut short. Pointers never travel in it.
 */
#ifndef AGENT_PLUGIN_EXT_HANDOVER_H
#define AGENT_PLUGIN_EXT_HANDOVER_H

#include "agent_plugin/plugin.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_HANDOVER "agent.handover/1"

/** Where bytes go. Belongs to the host, valid until the call that it was given to returns. */
typedef struct agent_byte_writer {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /** Takes all of `bytes` (copied) or fails with AGENT_E_TOO_LARGE or AGENT_E_FAILED. [within that call] */
  int32_t (*write)(void* context, agent_bytes bytes);
} agent_byte_writer;

/** Where bytes come from. Belongs to the host, valid until the call that it was given to returns. */
typedef struct agent_byte_reader {
  uint32_t size;
  uint32_t reserved;
  void* context;
  /** Copies up to `capacity` bytes into `buffer`, perhaps only one; returns how many, 0 at the end. [within that call] */
  size_t (*read)(void* context, void* buffer, size_t capacity);
} agent_byte_reader;

/** What prepare() is told. */
typedef struct agent_prepare_request {
  uint32_t size;
  int32_t close_connections; /* 1: nothing will be deposited, every connection is made anew; 0: what both sides have */
  agent_bytes other;         /* what the other version's describe() wrote; empty: it has nothing to offer */
} agent_prepare_request;

/** What save() is asked for. */
typedef struct agent_save_request {
  uint32_t size;
  uint32_t revision;         /* in which the state is to be written: within the plugin's own range */
  uint32_t timeout_ms;       /* for what has to end first */
  int32_t close_connections; /* 1: deposit nothing, end every connection in order; 0: deposit what both sides have */
  agent_bytes other;         /* what the successor's describe() wrote; empty: it takes nothing as it is */
} agent_save_request;

/** When a plugin wants its configuration to be read anew. */
enum {
  AGENT_RELOAD_ON_REQUEST = 0, /* when the host is told to, such as by SIGHUP */
  AGENT_RELOAD_ON_CHANGE = 1   /* also when the configuration file changed */
};

/** Offered by the plugin. No function is NULL. */
typedef struct agent_handover {
  uint32_t size;
  uint32_t oldest_revision; /* of the state that it can read and write; from 1 */
  uint32_t newest_revision; /* the host asks for the newest one that both versions have */
  uint32_t reserved;

  /**
   * Writes what it holds, or would hold once it is started, and could pass on or take over as a deposit: the plugin's own
   * form, at most 64 KiB, for another version of it to compare with its own. [lifecycle-thread & configured or active]
   */
  int32_t (*describe)(agent_plugin* plugin, const agent_byte_writer* to, agent_error* error);

  /**
   * Gets ready to take over, while the other version still works. May connect; must not subscribe, publish, consume, join
   * a group or fence the other version. A peer that is away is no error. What it has begun ends with start(), destroy()
   * or the next configure(). [lifecycle-thread & configured]
   */
  int32_t (*prepare)(agent_plugin* plugin, const agent_prepare_request* request, agent_error* error);

  /**
   * Takes in nothing new from outside, and waits up to `timeout_ms` for what it has taken in: until its handlers are
   * done and every completion that it asked for has come. Events from the bus are still handled meanwhile. On failure
   * (AGENT_E_TIMEOUT: not done in time) it is as if never asked. [lifecycle-thread & active]
   */
  int32_t (*quiesce)(agent_plugin* plugin, uint32_t timeout_ms, agent_error* error);

  /**
   * Takes in again: after quiesce(), after a failed save(), and after load() and start(), when the host has passed on the
   * events that it held, so that what a handler publishes reaches it directly. [lifecycle-thread & active, quiesced]
   */
  int32_t (*resume)(agent_plugin* plugin, agent_error* error);

  /**
   * Gives everything up: writes the state, deposits what changes hands as it is, ends the rest in order. The host holds
   * its events meanwhile, no handler of it runs. Returns AGENT_OK, and then it is configured: no thread of it runs, it
   * has no subscription, nobody will call it but to destroy(), or to load() and start() for a rollback. On failure it is
   * quiesced as before, and has withdrawn what it had deposited. [lifecycle-thread & active, quiesced]
   */
  int32_t (*save)(agent_plugin* plugin, const agent_save_request* request, const agent_byte_writer* state,
                  agent_error* error);

  /**
   * Reads the state for the next start(), which goes on from there and withdraws the deposits (load() does not). After
   * that start() it is quiesced, until resume(). Should start() fail, it deposits again what it has withdrawn. Returns
   * AGENT_E_UNSUPPORTED for a revision that it does not know, AGENT_E_INVALID for a state that is damaged; then it is as
   * before. [lifecycle-thread & configured]
   */
  int32_t (*load)(agent_plugin* plugin, const agent_byte_reader* state, agent_error* error);

  /** AGENT_RELOAD_…, as the configuration has it. [any-thread & any-state] */
  int32_t (*reload_policy)(const agent_plugin* plugin);
} agent_handover;

/** A thing that changes hands as it is: a connection, an open file. */
typedef struct agent_deposit {
  uint32_t size;
  uint32_t reserved;
  agent_text kind; /* what it is, with the library that it belongs to: "rd_kafka_t of librdkafka 2.0.2" */
  agent_text name; /* which one it is, in the words of describe(); unique among the deposits of one kind */
  void* thing;
  /** Ends the thing if nobody withdraws it. Must not lie in the plugin, which may be gone by then: a function of a library
   *  that stays resident. May take long: the host calls it on a thread of its own. */
  void (*release)(void* thing);
} agent_deposit;

/** Offered by the host: keeps deposits between the save() of one version and the start() of the other. */
typedef struct agent_handover_host {
  uint32_t size;
  uint32_t reserved;

  /** The host has the thing from now on. AGENT_E_EXISTS: kind and name are taken; AGENT_E_STATE: nobody takes over.
   *  [lifecycle-thread & within save(), or a start() that fails] */
  int32_t (*deposit)(const agent_host* host, const agent_deposit* deposit, agent_error* error);

  /** The caller has the thing from now on; it is given exactly once. AGENT_E_NOT_FOUND: there is none, or it is gone.
   *  What nobody has withdrawn by the end of start() is released. [any-thread & within start() or save()] */
  int32_t (*withdraw)(const agent_host* host, agent_text kind, agent_text name, void** thing);
} agent_handover_host;

AGENT_EXTERN_C_END

#endif
