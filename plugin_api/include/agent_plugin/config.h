/*
 * agent_plugin/config.h - a configuration on its way to a plugin.
 *
 * The host reads the file, the plugin understands it. All problems are reported, not only the first.
 */
#ifndef AGENT_PLUGIN_CONFIG_H
#define AGENT_PLUGIN_CONFIG_H

#include "agent_plugin/abi.h"

AGENT_EXTERN_C_BEGIN

/** One setting from the command line (`-o kafka_events.client_id=x`), which beats the file. */
typedef struct agent_config_override {
  uint32_t size;
  uint32_t reserved;   /* 0 */
  agent_text key_path; /* without the plugin's name: client_id, consumer-config.group_id */
  agent_text value;    /* as it would stand in the YAML file */
} agent_config_override;

enum {
  AGENT_PROBLEM_ERROR = 0,  /* the configuration is refused */
  AGENT_PROBLEM_WARNING = 1 /* it is accepted, but the operator should know */
};

/** One problem found. Texts are borrowed for the length of the call. */
typedef struct agent_config_problem {
  uint32_t size;
  int32_t severity;    /* AGENT_PROBLEM_… */
  agent_text file;     /* the file or, for an override, "-o" */
  uint32_t line;       /* from 1; 0: not at a place in a file */
  uint32_t column;     /* from 1; 0 likewise */
  agent_text key_path; /* kafka_events.consumer-config.group_id */
  agent_text message;  /* what is wrong and what to write instead; never a secret */
} agent_config_problem;

/** A configuration. Everything in it is borrowed until configure() returns. */
typedef struct agent_config {
  uint32_t size;
  uint32_t override_count;
  agent_text file; /* its name, for messages; relative paths inside the file are relative to its folder */
  agent_text text; /* its whole content (YAML), not yet checked in any way */
  const agent_config_override* const* overrides;
  void* context;
  /** Reports one problem. Call it from within configure() only. [lifecycle-thread & within configure()] */
  void (*problem)(void* context, const agent_config_problem* problem);
} agent_config;

AGENT_EXTERN_C_END

#endif
