// The base class of a plugin in C++. Override what you need; every function may throw, the boundary turns it into a
// status.
//
//   class Echo : public agent::Plugin {
//    public:
//     using agent::Plugin::Plugin;
//     agent::Status start() override { return agent::Bus::of(host()).subscribe("echo", {"^echo$"}, handler(), in_); }
//     agent::Status stop() override { in_.reset(); return agent::ok(); }
//   };
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "agent_plugin/plugin.h"
#include "agent_plugin_cpp/config.hpp"
#include "agent_plugin_cpp/handover.hpp"
#include "agent_plugin_cpp/metrics.hpp"
#include "agent_plugin_cpp/status.hpp"

namespace agent {

/// Is a plugin alive (else the process should be restarted), and is it ready to do its work? `reason` in words if not.
struct Health {
  bool live = true;
  bool ready = true;
  std::string reason;
};

/// What became of the events that a plugin held when it was told to drain. Every event is in exactly one of the counts.
struct DrainReport {
  std::uint64_t delivered = 0;
  std::uint64_t undelivered = 0;
  std::uint64_t kept = 0;
};

/// One instance. The host calls it as plugin.h of the C contract says: configure, start, drain, stop on the lifecycle
/// thread, never two at once; health() and collect() from any thread at any time between.
class Plugin {
 public:
  /// `host` outlives this object. A constructor that throws refuses the instance with that message.
  explicit Plugin(const agent_host* host) noexcept : host_(host) {}
  virtual ~Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  /// Reads and checks; starts no thread and connects to nothing. On failure the former configuration stays.
  virtual Status configure(const Config& /*config*/) { return ok(); }
  /// Returns within a second; a peer that is away is no error.
  virtual Status start() { return ok(); }
  /// Takes no new work and finishes what it has. AGENT_E_TIMEOUT when some had to be given up.
  virtual Status drain(std::chrono::milliseconds /*timeout*/, DrainReport& /*report*/) { return ok(); }
  /// Ends what start() began: on return no thread runs and no subscription exists. Idempotent.
  virtual Status stop() { return ok(); }

  [[nodiscard]] virtual Health health() const { return {}; }
  virtual void collect(Metrics& /*metrics*/) const {}
  /// For a plugin whose versions take over from one another: its Handover, mostly `this`. Must live as long as this object.
  [[nodiscard]] virtual Handover* handover() noexcept { return nullptr; }
  /// An extension beyond health, metrics and handover, or nullptr. The struct must live as long as this object.
  [[nodiscard]] virtual const void* extension(std::string_view /*id*/) const { return nullptr; }

 protected:
  [[nodiscard]] const agent_host* host() const noexcept { return host_; }

 private:
  const agent_host* host_;
};

}  // namespace agent
