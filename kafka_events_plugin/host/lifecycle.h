// What a host drives: the life of one instance, in plain types. instance.h turns the C tables of the contract into
// calls of this, so that plugin.cpp sees no C.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/admin_routes.h"
#include "core/ports.h"
#include "core/result.h"
#include "telemetry/metrics_writer.h"

namespace kafka_events::host {

/// The ports that the host offers. All outlive the Lifecycle that is made from them.
struct Ports {
  EventBus& bus;
  Log& log;
  AdminRoutes* routes = nullptr;  ///< nullptr: this host has no admin server
};

struct ConfigurationProblem {
  bool is_error = true;
  std::string_view file{};  ///< or "-o"
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string_view key_path{};
  std::string_view message{};
};

struct ConfigurationOverride {
  std::string key_path;  ///< with the plugin's name in front
  std::string value;
};

/// A configuration to be read; borrowed for the length of configure().
struct Configuration {
  std::string_view file;
  std::string_view text;
  std::vector<ConfigurationOverride> overrides;
  std::function<void(const ConfigurationProblem&)> report;
};

struct HealthReport {
  bool live = true;
  bool ready = true;
  std::string reason{};
};

struct DrainCounts {
  std::uint64_t delivered = 0;
  std::uint64_t undelivered = 0;
  std::uint64_t kept = 0;
  bool in_time = true;
};

/// One instance, as agent_plugin/plugin.h describes its life. The first five are never called at the same time;
/// health() and collect() may be called at any time from any thread.
class Lifecycle {
 public:
  virtual ~Lifecycle() = default;
  virtual Result<void> configure(const Configuration& configuration) = 0;
  virtual Result<void> start() = 0;
  virtual Result<DrainCounts> drain(std::chrono::milliseconds timeout) = 0;
  virtual Result<void> stop() = 0;
  [[nodiscard]] virtual HealthReport health() const = 0;
  virtual void collect(telemetry::MetricsWriter& writer) const = 0;
};

/// Makes the instance behind the tables. Must start nothing.
using LifecycleFactory = Result<std::unique_ptr<Lifecycle>> (*)(const Ports& ports);

}  // namespace kafka_events::host
