// What the host lends to its plugins, and what it says of itself.
#pragma once

#include <string>

#include "admin/route_table.h"
#include "bus/event_bus.h"
#include "log/log_sink.h"

namespace host_stub {

/// The three references must outlive every plugin instance, and every module that had to be left behind (see
/// plugin_manager.h).
struct HostServices {
  EventBus& bus;
  RouteTable& routes;
  LogSink& log;
  std::string name;       ///< of the host program
  std::string version;    ///< of the host program (semver.org)
  std::string label;      ///< the operator's name for this agent, or empty
  std::string wallet_id;  ///< the tenant of events that name none, or empty
};

}  // namespace host_stub
