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
#include "core/handover.h"
#include "core/ports.h"
#include "core/result.h"
#include "telemetry/metrics_writer.h"

namespace kafka_events::host {

/// The ports that the host offers. All outlive the Lifecycle that is made from them.
struct Ports {
  EventBus& bus;
  Log& log;
  Deposits& deposits;
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

/// What the other version of a handover says, and how it is to go.
struct OtherVersion {
  std::string_view described;      ///< by its describe(); empty: it takes or gives nothing as it is
  bool close_connections = false;  ///< every connection is ended and made anew
};

/// The range of states that a version reads and writes (ext/handover.h).
struct StateRevisions {
  std::uint32_t oldest = 1;
  std::uint32_t newest = 1;
};

/// One instance, as agent_plugin/plugin.h describes its life. No two calls overlap, but for health(), collect() and
/// reload_on_change(), which may be called at any time from any thread.
class Lifecycle {
 public:
  virtual ~Lifecycle() = default;
  virtual Result<void> configure(const Configuration& configuration) = 0;
  virtual Result<void> start() = 0;
  virtual Result<DrainCounts> drain(std::chrono::milliseconds timeout) = 0;
  virtual Result<void> stop() = 0;
  [[nodiscard]] virtual HealthReport health() const = 0;

  // ---- As agent_plugin/ext/handover.h has them ----
  [[nodiscard]] virtual StateRevisions revisions() const noexcept = 0;
  virtual Result<std::string> describe() = 0;
  virtual Result<void> prepare(const OtherVersion& other) = 0;
  virtual Result<void> quiesce(std::chrono::milliseconds timeout) = 0;
  virtual Result<void> resume() = 0;
  /// Returns the state.
  virtual Result<std::string> save(std::uint32_t revision, std::chrono::milliseconds timeout,
                                   const OtherVersion& other) = 0;
  virtual Result<void> load(std::string_view state) = 0;
  /// Any thread.
  [[nodiscard]] virtual bool reload_on_change() const noexcept = 0;

  virtual void collect(telemetry::MetricsWriter& writer) const = 0;
};

/// Makes the instance behind the tables. Must start nothing.
using LifecycleFactory = Result<std::unique_ptr<Lifecycle>> (*)(const Ports& ports);

}  // namespace kafka_events::host
