// The module block and the C functions of an instance, made from a class that derives from agent::Plugin.
//
//   extern "C" const agent_plugin_module* agent_plugin_entry(void) {
//     static constexpr agent_plugin_module block = agent::module<Echo>("echo", "1.0.0", "2f9c1ab", "Echoes events");
//     return &block;
//   }
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "agent_plugin/entry.h"
#include "agent_plugin/ext/handover.h"
#include "agent_plugin/ext/health.h"
#include "agent_plugin/ext/metrics.h"
#include "agent_plugin_cpp/plugin.hpp"

namespace agent {
namespace detail {

/// The C struct that the host holds, and the object behind it.
struct Instance {
  agent_plugin table;
  agent_handover handover;
  std::unique_ptr<Plugin> object;
};

[[nodiscard]] inline Plugin& object_of(const agent_plugin* plugin) noexcept {
  return *static_cast<Instance*>(plugin->plugin_data)->object;
}

inline void check_health(const agent_plugin* plugin, agent_health_report* report) noexcept {
  Health health;
  try {
    health = object_of(plugin).health();
  } catch (...) {
    health.live = health.ready = false;
  }
  report->live = health.live ? 1 : 0;
  report->ready = health.ready ? 1 : 0;
  copy_text(report->reason, health.reason);
}

inline void collect_metrics(const agent_plugin* plugin, const agent_metrics_sink* sink) noexcept {
  try {
    Metrics metrics(sink);
    object_of(plugin).collect(metrics);
  } catch (...) {  // this scrape lacks figures; the next one may have them
    return;
  }
}

[[nodiscard]] inline Handover& handover_of(const agent_plugin* plugin) { return *object_of(plugin).handover(); }

inline std::int32_t describe(agent_plugin* plugin, const agent_byte_writer* to, agent_error* error) noexcept {
  return guarded(error, [&] {
    StateWriter writer(to);
    return handover_of(plugin).describe(writer);
  });
}
inline std::int32_t prepare(agent_plugin* plugin, const agent_prepare_request* request, agent_error* error) noexcept {
  return guarded(error, [&] {
    return handover_of(plugin).prepare({request->close_connections != 0, view(request->other)});
  });
}
inline std::int32_t quiesce(agent_plugin* plugin, std::uint32_t timeout_ms, agent_error* error) noexcept {
  return guarded(error, [&] { return handover_of(plugin).quiesce(std::chrono::milliseconds(timeout_ms)); });
}
inline std::int32_t resume(agent_plugin* plugin, agent_error* error) noexcept {
  return guarded(error, [&] { return handover_of(plugin).resume(); });
}
inline std::int32_t save(agent_plugin* plugin, const agent_save_request* request, const agent_byte_writer* state,
                         agent_error* error) noexcept {
  return guarded(error, [&] {
    StateWriter writer(state);
    return handover_of(plugin).save({request->revision, std::chrono::milliseconds(request->timeout_ms),
                                     request->close_connections != 0, view(request->other)},
                                    writer);
  });
}
inline std::int32_t load(agent_plugin* plugin, const agent_byte_reader* state, agent_error* error) noexcept {
  return guarded(error, [&] {
    StateReader reader(state);
    return handover_of(plugin).load(reader);
  });
}
inline std::int32_t reload_policy(const agent_plugin* plugin) noexcept {
  return handover_of(plugin).reload_on_change() ? AGENT_RELOAD_ON_CHANGE : AGENT_RELOAD_ON_REQUEST;
}

inline const void* get_extension(const agent_plugin* plugin, const char* id) noexcept {
  static constexpr agent_health health{sizeof(agent_health), 0, &check_health};
  static constexpr agent_metrics metrics{sizeof(agent_metrics), 0, &collect_metrics};
  const std::string_view name(id);
  if (name == AGENT_EXT_HEALTH) return &health;
  if (name == AGENT_EXT_METRICS) return &metrics;
  const auto* instance = static_cast<const Instance*>(plugin->plugin_data);
  if (name == AGENT_EXT_HANDOVER) return instance->handover.size != 0 ? &instance->handover : nullptr;
  try {
    return object_of(plugin).extension(name);
  } catch (...) {
    return nullptr;
  }
}

inline std::int32_t configure(agent_plugin* plugin, const agent_config* config, agent_error* error) noexcept {
  return guarded(error, [&] { return object_of(plugin).configure(Config(config)); });
}
inline std::int32_t start(agent_plugin* plugin, agent_error* error) noexcept {
  return guarded(error, [&] { return object_of(plugin).start(); });
}
inline std::int32_t stop(agent_plugin* plugin, agent_error* error) noexcept {
  return guarded(error, [&] { return object_of(plugin).stop(); });
}
inline std::int32_t drain(agent_plugin* plugin, std::uint32_t timeout_ms, agent_drain_report* report,
                          agent_error* error) noexcept {
  DrainReport counts;
  const std::int32_t status =
      guarded(error, [&] { return object_of(plugin).drain(std::chrono::milliseconds(timeout_ms), counts); });
  if (report != nullptr) {
    report->delivered = counts.delivered;
    report->undelivered = counts.undelivered;
    report->kept = counts.kept;
  }
  return status;
}
inline void destroy(agent_plugin* plugin) noexcept { delete static_cast<Instance*>(plugin->plugin_data); }

}  // namespace detail

/// Makes the C instance around an object; for modules that need more than a constructor. `make` is called with a
/// std::unique_ptr<Plugin>& to fill and returns a Status.
template <class Make>
std::int32_t instantiate(agent_plugin** plugin, agent_error* error, Make&& make) noexcept {
  *plugin = nullptr;
  return guarded(error, [&] {
    auto instance = std::make_unique<detail::Instance>();
    Status status = make(instance->object);
    if (!status.is_ok()) return status;
    instance->table = {sizeof(agent_plugin), 0,
                       instance.get(),       &detail::get_extension,
                       &detail::configure,   &detail::start,
                       &detail::drain,       &detail::stop,
                       &detail::destroy};
    if (const Handover* handover = instance->object->handover(); handover != nullptr) {
      instance->handover = {sizeof(agent_handover),
                            handover->oldest_revision(),
                            handover->newest_revision(),
                            0,
                            &detail::describe,
                            &detail::prepare,
                            &detail::quiesce,
                            &detail::resume,
                            &detail::save,
                            &detail::load,
                            &detail::reload_policy};
    }
    *plugin = &instance.release()->table;
    return status;
  });
}

/// The create() of a module whose instances are PluginType(host).
template <class PluginType>
std::int32_t create(const agent_host* host, agent_plugin** plugin, agent_error* error) noexcept {
  return instantiate(plugin, error, [host](std::unique_ptr<Plugin>& object) {
    object = std::make_unique<PluginType>(host);
    return ok();
  });
}

/// The block for agent_plugin_entry(). The texts must be constants; `runtime` names libraries shared with the process.
template <class PluginType>
[[nodiscard]] constexpr agent_plugin_module module(std::string_view name, std::string_view version,
                                                   std::string_view build_id, std::string_view description,
                                                   std::string_view runtime = {}) noexcept {
  return agent_plugin_module{sizeof(agent_plugin_module),
                             8 * sizeof(void*),
                             AGENT_PLUGIN_MAGIC,
                             AGENT_ABI_MAJOR,
                             AGENT_ABI_MINOR,
                             text(name),
                             text(version),
                             text(build_id),
                             text(description),
                             text(runtime),
                             &create<PluginType>};
}

}  // namespace agent
