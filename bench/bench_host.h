// The measured side: the real host's event bus with the real kafka_events.so in it, as host_stub loads it.
#pragma once

#include <memory>
#include <string>

#include "admin/route_table.h"
#include "bus/event_bus.h"
#include "log/log_sink.h"
#include "plugins/plugin_manager.h"

namespace bench {

/// Loads, configures and starts the plugin; ends the benchmark, with what the plugin says, where that fails. Destroying
/// it drains and unloads.
class BenchHost {
 public:
  explicit BenchHost(const std::string& yaml);
  ~BenchHost();
  BenchHost(const BenchHost&) = delete;
  BenchHost& operator=(const BenchHost&) = delete;

  [[nodiscard]] host_stub::EventBus& bus() { return bus_; }

 private:
  std::unique_ptr<host_stub::LogSink> log_;
  host_stub::EventBus bus_;
  host_stub::RouteTable routes_;
  std::unique_ptr<host_stub::PluginManager> plugins_;
};

}  // namespace bench
