/*
 * agent_plugin/agent_plugin.h - the whole contract between a host agent and its plugins, in one include.
 *
 * Plugin authors: implement the functions of plugin.h and export the one of entry.h; start from the sample in
 * tests/module/sample_c/, which is complete in pure C99. Host authors: implement host.h and the extensions that you offer.
 * The conventions (ownership, threads, growth) are numbered in abi.h; read that file first.
 */
#ifndef AGENT_PLUGIN_AGENT_PLUGIN_H
#define AGENT_PLUGIN_AGENT_PLUGIN_H

/* IWYU pragma: begin_exports */
#include "agent_plugin/abi.h"
#include "agent_plugin/config.h"
#include "agent_plugin/entry.h"
#include "agent_plugin/event.h"
#include "agent_plugin/ext/admin_routes.h"
#include "agent_plugin/ext/event_bus.h"
#include "agent_plugin/ext/handover.h"
#include "agent_plugin/ext/health.h"
#include "agent_plugin/ext/log.h"
#include "agent_plugin/ext/metrics.h"
#include "agent_plugin/host.h"
#include "agent_plugin/plugin.h"
#include "agent_plugin/status.h"
/* IWYU pragma: end_exports */

#endif
