// What the admin server asks of the host that it belongs to. Implemented by whoever composes the host (cli/).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent_plugin/ext/metrics.h"

namespace host_stub {

/// One loaded plugin, for GET /plugins.
struct PluginSummary {
  std::string name;
  std::string version;
  std::string build_id;
  std::string description;
  std::string runtime;         ///< shared libraries that it relies on, or empty
  std::string path;            ///< the file it was loaded from
  std::uint64_t instance = 0;  ///< the host's number of the instance
  std::string state;           ///< such as configured, active, draining
  bool live = true;
  bool ready = true;
  std::string reason;  ///< why it is not live or not ready, or empty
  std::string swap;    ///< the newest swap of it, as a JSON object; empty: there was none
};

/// POST /plugins/{name}/swap
struct SwapOrder {
  enum class Wait : std::uint8_t {
    none,    ///< the answer comes at once
    active,  ///< when the new version works, or it is known that it will not
    end      ///< after the probation
  };
  std::string plugin;
  std::string path;  ///< empty: the file of the running version
  std::optional<std::chrono::milliseconds> probation;
  std::optional<std::chrono::milliseconds> timeout;
  bool close_connections = false;
  Wait wait = Wait::active;
};

struct SwapAnswer {
  enum class Kind : std::uint8_t {
    accepted,  ///< it began (Wait::none)
    done,      ///< the new version works
    failed,    ///< it was refused or taken back
    unknown,   ///< no such plugin
    conflict   ///< not now: another swap is under way, the plugin is not active
  };
  Kind kind = Kind::conflict;
  std::uint64_t id = 0;
  std::string report;  ///< one JSON object, for done and failed
  std::string detail;  ///< why not
};

/// For /status/live and /status/ready.
struct HostHealth {
  bool live = true;
  bool ready = true;
  std::vector<std::string> reasons;  ///< why not, one line each, with the plugin's name
};

/// Called on the admin server's threads, one call at a time per function; must not block for longer than a plugin's
/// "agent.health/1" or "agent.metrics/1" does.
class HostControl {
 public:
  virtual ~HostControl() = default;

  /// The answer of GET /status: one JSON object (label, version, uptime_seconds, bus statistics, plugins …).
  [[nodiscard]] virtual std::string status_json() = 0;

  [[nodiscard]] virtual std::vector<PluginSummary> plugins() = 0;

  [[nodiscard]] virtual HostHealth health() = 0;

  /// Whether events may be published from outside. Not while plugins start or end: nobody would handle them.
  [[nodiscard]] virtual bool takes_events() { return true; }

  /// Replaces a plugin by another version. Calls `done` exactly once, on any thread, perhaps before it returns; it must
  /// not block.
  virtual void swap(SwapOrder order, std::function<void(SwapAnswer)> done) {
    done({SwapAnswer::Kind::unknown, 0, {}, "this host swaps no plugins: there is none named " + order.plugin});
  }
  /// The last swaps of a plugin, newest first, each one JSON object; nothing: no such plugin.
  [[nodiscard]] virtual std::optional<std::vector<std::string>> swaps(const std::string& /*plugin*/) {
    return std::nullopt;
  }

  /// Writes the host's and every plugin's figures. The sink merges families that several plugins report.
  virtual void collect_metrics(const agent_metrics_sink& sink) = 0;

  /// Begins an orderly end of the process and returns at once.
  virtual void request_shutdown() = 0;
};

}  // namespace host_stub
