/*
 * agent_plugin/ext/event_bus.h - "agent.event_bus/1": publish and handle events. Offered by the host.
 *
 * Publishing calls the handlers on the publisher's thread, one after another; a handler that needs longer answers
 * AGENT_HANDLER_LATER and completes the event from any thread:
 *
 *   static int32_t on_event(void* context, const agent_event* event) {
 *     enqueue(context, event);           // LATER hands one reference and one completion over
 *     return AGENT_HANDLER_LATER;
 *   }
 *   … on another thread, when the work is done:
 *   bus->complete(host, event, AGENT_OUTCOME_DONE, no_text);
 *
 * Per publishing thread and topic, handlers see events in the order of publishing. A handler that fails harms no other.
 */
#ifndef AGENT_PLUGIN_EXT_EVENT_BUS_H
#define AGENT_PLUGIN_EXT_EVENT_BUS_H

#include "agent_plugin/event.h"
#include "agent_plugin/host.h"
#include "agent_plugin/status.h"

AGENT_EXTERN_C_BEGIN

#define AGENT_EXT_EVENT_BUS "agent.event_bus/1"

/** What a handler answers. Any other value counts as AGENT_HANDLER_FAILED. */
enum {
  AGENT_HANDLER_DONE = 0,   /* finished with it */
  AGENT_HANDLER_FAILED = 1, /* could not handle it */
  AGENT_HANDLER_BUSY = 2,   /* did not take it: a bounded queue is full; the publisher may try again */
  AGENT_HANDLER_LATER = 3   /* took it, and a reference; will call complete() exactly once */
};

/** How handling ended. Ordered: the outcome of an event is the largest of its handlers'. */
enum { AGENT_OUTCOME_DONE = 0, AGENT_OUTCOME_BUSY = 1, AGENT_OUTCOME_FAILED = 2 };

/** What an event is made from. Texts and headers are copied; the payload is copied unless payload_release is given. */
typedef struct agent_event_draft {
  uint32_t size;
  uint32_t header_count;
  agent_text topic;  /* required */
  agent_text tenant; /* empty: the host's wallet_id */
  agent_bytes key;
  agent_text id; /* empty: the host makes one */
  agent_text content_type;
  agent_bytes payload;
  const agent_header* headers;
  int64_t timestamp_us; /* 0: now */
  /**
   * If not NULL, the payload is not copied: it stays where it is, and payload_release(payload_owner) is called exactly
   * once, from any thread, when the last reference to the event is gone, or before publish() returns a failure.
   * The function must stay callable after the plugin is unloaded, so it must not lie in the plugin: give a function of
   * the host (agent_event.release) or of a library that stays resident.
   */
  void* payload_owner;
  void (*payload_release)(void* payload_owner);
} agent_event_draft;

/** How all handlers of one event ended. */
typedef struct agent_event_result {
  uint32_t size;
  int32_t outcome;   /* AGENT_OUTCOME_…, the worst of all */
  uint32_t handlers; /* how many were called */
  uint32_t busy;     /* of these, how many did not take it */
  uint32_t failed;   /* of these, how many failed */
  uint32_t reserved;
  agent_text detail; /* why a handler failed; if none did, what one said of being done; may be empty; borrowed */
} agent_event_result;

/**
 * Asks to be told when every handler of an event is done. `completed` is called exactly once for each successful
 * publish(), on the thread that finishes last, which may be the publisher's own, before publish() returns. It must not
 * block. The event, and so a payload with an owner, is still alive during the call. The struct itself is borrowed until publish() returns; `context` must live until the call came.
 */
typedef struct agent_event_completion {
  uint32_t size;
  uint32_t reserved;
  void* context;
  uint64_t cookie; /* handed back as it is: an offset, an index, a number */
  void (*completed)(void* context, uint64_t cookie, const agent_event_result* result);
} agent_event_completion;

/** A handler for all topics that one of its patterns matches; called once per event even if several match. */
typedef struct agent_subscription {
  uint32_t size;
  uint32_t pattern_count;
  const agent_text* patterns; /* RE2 syntax, matched from the start of the topic (end with $ to match all of it) */
  agent_text name;            /* for diagnostics, such as kafka_events.outbound */
  void* context;
  /** Handles one event, borrowed until return. Several threads may call it at once. Must not block.
   *  [any-thread & active or draining] */
  int32_t (*on_event)(void* context, const agent_event* event);
} agent_subscription;

typedef struct agent_event_bus {
  uint32_t size;
  uint32_t reserved;

  /**
   * Makes an event and calls its handlers. `completion` and `result` may be NULL. `result` holds what is known on return:
   * handlers that answered LATER count in `handlers` only.
   * Returns AGENT_OK when the event was made and offered to all its handlers, of which there may be none;
   * AGENT_E_BUSY when it was, and at least one handler answered BUSY (`completion` is called all the same);
   * AGENT_E_INVALID for a topic that is empty, longer than 1024 bytes or not UTF-8; AGENT_E_TOO_LARGE over the host's
   * limit for payloads; AGENT_E_STATE when the host is ending. After these last three nothing was called.
   * [any-thread & configured, active or draining]
   */
  int32_t (*publish)(const agent_host* host, const agent_event_draft* draft, const agent_event_completion* completion,
                     agent_event_result* result, agent_error* error);

  /**
   * Adds a handler. It may be called before subscribe() returns. *token (never 0) names it from now on. Returns AGENT_OK,
   * or AGENT_E_INVALID with the pattern that is wrong, and where. Publishers are not blocked meanwhile.
   * [any-thread & any-state]
   */
  int32_t (*subscribe)(const agent_host* host, const agent_subscription* subscription, uint64_t* token,
                       agent_error* error);

  /**
   * Removes a handler. When it returns, no call of that handler is running and none will begin; called from within that
   * handler, this holds from that call's return on. Events that it answered LATER for are still to be completed.
   * Two handlers that remove each other at the same time wait for each other for ever. AGENT_E_NOT_FOUND: no such token.
   * [any-thread & any-state]
   */
  int32_t (*unsubscribe)(const agent_host* host, uint64_t token);

  /**
   * From within on_event, before answering LATER: says that complete() will be called `more` times in addition to the one
   * that LATER stands for; each is a completion and a reference. [any-thread, within on_event]
   */
  void (*defer)(const agent_host* host, const agent_event* event, uint32_t more);

  /**
   * Ends one handling that was answered with LATER and gives its reference back. `detail` is for the publisher, and
   * copied: why it failed, or, if it did not, what there is to know of that (where the event is kept); it may be empty.
   * [any-thread & any-state]
   */
  void (*complete)(const agent_host* host, const agent_event* event, int32_t outcome, agent_text detail);

  /** The same for many events with one outcome, much cheaper than one by one. An event may occur more than once.
   *  [any-thread & any-state] */
  void (*complete_many)(const agent_host* host, const agent_event* const* events, size_t count, int32_t outcome);

  /** How many handlers an event of this topic would reach now: lets a publisher skip work for events nobody listens to.
   *  [any-thread & any-state] */
  uint32_t (*listeners)(const agent_host* host, agent_text topic);
} agent_event_bus;

AGENT_EXTERN_C_END

#endif
