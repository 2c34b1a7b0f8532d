/*
 * agent_plugin/plugin.h - what a host knows of a plugin: the module that was loaded, and its instances.
 *
 * The life of an instance, driven by the host on the lifecycle thread:
 *
 *   create ──► configure ──► start ──► drain ──► stop ──► destroy
 *                  ▲                               │
 *                  └───────── start again ◄────────┘
 *
 * A failed call leaves the instance in the state that it had; destroy() is allowed in every state and does what is
 * missing. Several instances of one module, and of two versions of it, live side by side in one process: a module keeps no
 * process-wide state (signals, locale, static threads).
 */
#ifndef AGENT_PLUGIN_PLUGIN_H
#define AGENT_PLUGIN_PLUGIN_H

#include "agent_plugin/abi.h"
#include "agent_plugin/config.h"
#include "agent_plugin/host.h"
#include "agent_plugin/status.h"

AGENT_EXTERN_C_BEGIN

/** The first eight bytes after size and pointer width in every module's block: "AGNTPLUG". */
#define AGENT_PLUGIN_MAGIC \
  { 'A', 'G', 'N', 'T', 'P', 'L', 'U', 'G' }

typedef struct agent_plugin agent_plugin;
typedef struct agent_drain_report agent_drain_report;

/** What became of the events that a plugin held when it was told to drain. Every event is in exactly one of the counts. */
struct agent_drain_report {
  uint32_t size;
  uint32_t reserved;
  uint64_t delivered;   /* completed during the drain */
  uint64_t undelivered; /* given up at the deadline, each reported as such */
  uint64_t kept;        /* in durable storage for the next start */
};

/** One instance. The struct belongs to the plugin and is valid from create() to the return of destroy(). */
struct agent_plugin {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void* plugin_data; /* the plugin's own; a host never touches it */

  /**
   * The plugin's extension with this id (NUL-terminated), or NULL. The struct belongs to the plugin and stays valid until
   * destroy() is called. [any-thread & any-state]
   */
  const void* (*get_extension)(const agent_plugin* plugin, const char* id);

  /**
   * Reads and checks the whole configuration and starts nothing: no thread, no connection. Every problem goes to
   * config->problem, the first one into `error` as well. May be called again to replace a configuration that is not
   * running. Admin routes are registered here, so that they can answer before start().
   * Returns AGENT_OK, or AGENT_E_INVALID, and then the former configuration (if any) is kept.
   * [lifecycle-thread & created or configured]
   */
  int32_t (*configure)(agent_plugin* plugin, const agent_config* config, agent_error* error);

  /**
   * Subscribes, starts threads, begins to connect. Returns within a second: a peer that is away is no error, the plugin
   * goes on trying and its health says so. On failure nothing of it is left running. [lifecycle-thread & configured]
   */
  int32_t (*start)(agent_plugin* plugin, agent_error* error);

  /**
   * Takes no new work, finishes what it has, within `timeout_ms` milliseconds. Returns AGENT_OK, or AGENT_E_TIMEOUT when
   * some of it had to be given up; `report` (may be NULL) says how much. [lifecycle-thread & active]
   */
  int32_t (*drain)(agent_plugin* plugin, uint32_t timeout_ms, agent_drain_report* report, agent_error* error);

  /** Ends what start() began. On return no thread of the instance runs and no subscription exists. Idempotent.
   *  [lifecycle-thread & active or draining] */
  int32_t (*stop)(agent_plugin* plugin, agent_error* error);

  /** Frees the instance. Afterwards no code of the module runs on its behalf. [lifecycle-thread & any-state] */
  void (*destroy)(agent_plugin* plugin);
};

/**
 * The block that agent_plugin_entry() returns. A host reads and checks the members up to `build_id` before it calls
 * anything. The block is constant and stays valid while the module is mapped.
 */
typedef struct agent_plugin_module {
  uint32_t size;
  uint32_t pointer_bits; /* 8 * sizeof(void*) */
  char magic[8];         /* AGENT_PLUGIN_MAGIC */
  uint32_t abi_major;    /* AGENT_ABI_MAJOR and _MINOR that the plugin was built with */
  uint32_t abi_minor;
  agent_text name;        /* [a-z][a-z0-9_]*, such as kafka_events; the plugin's key in configuration files */
  agent_text version;     /* semver.org */
  agent_text build_id;    /* tells two builds of one version apart; never empty */
  agent_text description; /* one line for a person */
  agent_text runtime;     /* libraries that it shares with the process, such as "librdkafka 2.0.2", or empty */

  /**
   * Makes an instance. `host` stays valid until destroy() returns. On success *plugin is set; on failure it is NULL and
   * `error` says why. Starts no thread. [lifecycle-thread]
   */
  int32_t (*create)(const agent_host* host, agent_plugin** plugin, agent_error* error);
} agent_plugin_module;

AGENT_EXTERN_C_END

#endif
