// Each function strikes first, and else passes the call on to the real module.
#include "wrapped.h"

#include <memory>
#include <string_view>

#include "agent_plugin/ext/handover.h"
#include "agent_plugin/ext/health.h"
#include "agent_plugin/ext/metrics.h"
#include "agent_plugin_cpp/status.hpp"
#include "agent_plugin_cpp/text.hpp"

#include "fault_plan.h"
#include "plugin.h"

namespace failing {
namespace {

struct Instance {
  agent_plugin table;
  agent_handover handover;
  agent_plugin* real;
};

agent_plugin* real(const agent_plugin* plugin) { return static_cast<Instance*>(plugin->plugin_data)->real; }

template <class Extension>
const Extension* real_extension(const agent_plugin* plugin, const char* id) {
  return static_cast<const Extension*>(real(plugin)->get_extension(real(plugin), id));
}
const agent_handover* real_handover(const agent_plugin* plugin) {
  return real_extension<agent_handover>(plugin, AGENT_EXT_HANDOVER);
}

/// What the plan has for this step, or else the call.
template <class Call>
std::int32_t unless_planned(std::string_view step, agent_error* error, Call call) {
  const std::optional<std::int32_t> failure = strike(step, error);
  return failure ? *failure : call();
}

std::int32_t configure(agent_plugin* plugin, const agent_config* config, agent_error* error) {
  if (planned("configure") == How::bad_config) {
    const agent_config_problem problem{sizeof problem,
                                       AGENT_PROBLEM_ERROR,
                                       config->file,
                                       1,
                                       1,
                                       agent::text("kafka_events.bootstrap_servers"),
                                       agent::text("refused on purpose")};
    config->problem(config->context, &problem);
  }
  return unless_planned("configure", error, [&] { return real(plugin)->configure(real(plugin), config, error); });
}
std::int32_t start(agent_plugin* plugin, agent_error* error) {
  return unless_planned("start", error, [&] { return real(plugin)->start(real(plugin), error); });
}
std::int32_t drain(agent_plugin* plugin, std::uint32_t timeout_ms, agent_drain_report* report, agent_error* error) {
  return unless_planned("drain", error, [&] { return real(plugin)->drain(real(plugin), timeout_ms, report, error); });
}
std::int32_t stop(agent_plugin* plugin, agent_error* error) {
  return unless_planned("stop", error, [&] { return real(plugin)->stop(real(plugin), error); });
}
void destroy(agent_plugin* plugin) {
  (void)strike("destroy", nullptr);
  real(plugin)->destroy(real(plugin));
  delete static_cast<Instance*>(plugin->plugin_data);
}

std::int32_t describe(agent_plugin* plugin, const agent_byte_writer* to, agent_error* error) {
  return unless_planned("describe", error, [&] { return real_handover(plugin)->describe(real(plugin), to, error); });
}
std::int32_t prepare(agent_plugin* plugin, const agent_prepare_request* request, agent_error* error) {
  return unless_planned("prepare", error, [&] { return real_handover(plugin)->prepare(real(plugin), request, error); });
}
std::int32_t quiesce(agent_plugin* plugin, std::uint32_t timeout_ms, agent_error* error) {
  return unless_planned("quiesce", error,
                        [&] { return real_handover(plugin)->quiesce(real(plugin), timeout_ms, error); });
}
std::int32_t resume(agent_plugin* plugin, agent_error* error) {
  return unless_planned("resume", error, [&] { return real_handover(plugin)->resume(real(plugin), error); });
}
std::int32_t save(agent_plugin* plugin, const agent_save_request* request, const agent_byte_writer* state,
                  agent_error* error) {
  return unless_planned("save", error,
                        [&] { return real_handover(plugin)->save(real(plugin), request, state, error); });
}
std::int32_t load(agent_plugin* plugin, const agent_byte_reader* state, agent_error* error) {
  return unless_planned("load", error, [&] { return real_handover(plugin)->load(real(plugin), state, error); });
}
std::int32_t reload_policy(const agent_plugin* plugin) { return real_handover(plugin)->reload_policy(real(plugin)); }

void check(const agent_plugin* plugin, agent_health_report* report) {
  (void)strike("health", nullptr);
  real_extension<agent_health>(plugin, AGENT_EXT_HEALTH)->check(real(plugin), report);
  const std::optional<How> how = planned("health");
  if (!how) return;
  report->ready = 0;
  if (*how != How::not_ready) report->live = 0;
  agent::copy_text(report->reason, "not well, on purpose");
}
void collect(const agent_plugin* plugin, const agent_metrics_sink* sink) {
  real_extension<agent_metrics>(plugin, AGENT_EXT_METRICS)->collect(real(plugin), sink);
}

const void* get_extension(const agent_plugin* plugin, const char* id) {
  static constexpr agent_health health{sizeof(agent_health), 0, &check};
  static constexpr agent_metrics metrics{sizeof(agent_metrics), 0, &collect};
  const std::string_view name(id);
  if (name == AGENT_EXT_HEALTH) return &health;
  if (name == AGENT_EXT_METRICS) return &metrics;
  const auto* instance = static_cast<const Instance*>(plugin->plugin_data);
  if (name == AGENT_EXT_HANDOVER) return instance->handover.size != 0 ? &instance->handover : nullptr;
  return real(plugin)->get_extension(real(plugin), id);
}

}  // namespace

std::int32_t create(const agent_host* host, agent_plugin** plugin, agent_error* error) {
  *plugin = nullptr;
  if (const std::optional<std::int32_t> failure = strike("create", error); failure) return *failure;
  agent_plugin* made = nullptr;
  const std::int32_t status = kafka_events::create_plugin(host, &made, error);
  if (status != AGENT_OK) return status;
  auto* instance = new Instance{};
  instance->real = made;
  instance->table = {sizeof(agent_plugin), 0, instance, &get_extension, &configure, &start, &drain, &stop, &destroy};
  const auto* handover = static_cast<const agent_handover*>(made->get_extension(made, AGENT_EXT_HANDOVER));
  if (handover != nullptr) {
    instance->handover = {sizeof(agent_handover),
                          handover->oldest_revision,
                          handover->newest_revision,
                          0,
                          &describe,
                          &prepare,
                          &quiesce,
                          &resume,
                          &save,
                          &load,
                          &reload_policy};
  }
  *plugin = &instance->table;
  return AGENT_OK;
}

}  // namespace failing
