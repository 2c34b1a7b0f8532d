/*
 * agent_plugin/event.h - one event, as every handler sees it.
 *
 * An event is immutable and reference-counted, and always belongs to the host: its functions point into the host, so it
 * stays valid when the plugin that published it has been unloaded. A handler borrows it for the length of the call, and
 * retains it to keep it longer:
 *
 *   event->retain(event);            // now it may be stored, or given to another thread
 *   …
 *   event->release(event);           // from any thread
 */
#ifndef AGENT_PLUGIN_EVENT_H
#define AGENT_PLUGIN_EVENT_H

#include "agent_plugin/abi.h"

AGENT_EXTERN_C_BEGIN

typedef struct agent_event agent_event;

struct agent_event {
  uint32_t size;
  uint32_t header_count;
  agent_text topic;            /* such as acapy::record::connections::active; never empty */
  agent_text tenant;           /* the wallet that it belongs to, or empty */
  agent_bytes key;             /* ordering key: events with one key keep their order; data NULL if there is none */
  agent_text id;               /* unique per event; stable for an event that came from outside and may come twice */
  agent_text content_type;     /* media type of the payload (RFC 9110), or empty */
  agent_bytes payload;         /* data NULL: no payload (a tombstone), which differs from an empty one */
  const agent_header* headers; /* header_count of them, in the order in which they were given */
  int64_t timestamp_us;        /* microseconds since 1970-01-01T00:00:00Z */
  uint64_t publisher;          /* the host's number of the plugin instance that published it; 0: the host itself */

  /** Takes one more reference. [any-thread & any-state] */
  void (*retain)(const agent_event* event);
  /** Gives one reference back; the last one frees the event and all that it points to. [any-thread & any-state] */
  void (*release)(const agent_event* event);
};

AGENT_EXTERN_C_END

#endif
