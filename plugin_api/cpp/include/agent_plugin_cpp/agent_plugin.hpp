// The C++ layer over the plugin contract, in one include. Header-only and optional: the C headers are the contract.
//
//   #include "agent_plugin_cpp/agent_plugin.hpp"
//   class Echo : public agent::Plugin { … };                  // plugin.hpp
//   … agent::module<Echo>("echo", "1.0.0", build, "…") …      // module.hpp
//
// tests/module/sample_cpp/ is a whole plugin. C++17 or later.
#pragma once

// IWYU pragma: begin_exports
#include "agent_plugin_cpp/bus.hpp"
#include "agent_plugin_cpp/config.hpp"
#include "agent_plugin_cpp/draft.hpp"
#include "agent_plugin_cpp/event.hpp"
#include "agent_plugin_cpp/exchange.hpp"
#include "agent_plugin_cpp/handler.hpp"
#include "agent_plugin_cpp/handover.hpp"
#include "agent_plugin_cpp/log.hpp"
#include "agent_plugin_cpp/metrics.hpp"
#include "agent_plugin_cpp/module.hpp"
#include "agent_plugin_cpp/plugin.hpp"
#include "agent_plugin_cpp/request.hpp"
#include "agent_plugin_cpp/routes.hpp"
#include "agent_plugin_cpp/status.hpp"
#include "agent_plugin_cpp/text.hpp"
// IWYU pragma: end_exports
