// One instance: the host's ports, and behind them the Lifecycle; the C++ layer of the contract makes the tables.
#include "host/instance.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent_plugin_cpp/module.hpp"

#include "host/convert.h"
#include "host/host_deposits.h"
#include "host/host_event_bus.h"
#include "host/host_log.h"
#include "host/host_routes.h"
#include "host/metrics_sink.h"

namespace kafka_events::host {
namespace {

constexpr std::string_view plugin_key = "kafka_events";

agent::Status to_status(const Error& error) { return {status_of(error.code), error.message}; }
agent::Status to_status(const Result<void>& result) { return result ? agent::ok() : to_status(result.error()); }

/// The extension, or nullptr if the host has none or one that is smaller than it was when it was published.
template <class Extension>
const Extension* find_extension(const agent_host* host, const char* id) noexcept {
  const auto* extension = static_cast<const Extension*>(host->get_extension(host, id));
  return extension != nullptr && extension->size >= sizeof(Extension) ? extension : nullptr;
}

/// More than any state has; a stream without an end stops here.
constexpr std::size_t max_state_bytes = std::size_t{256} << 20;

class Instance final : public agent::Plugin, public agent::Handover {
 public:
  Instance(const agent_host* host, const agent_event_bus* bus, const agent_log* log, const agent_admin_routes* routes)
      : Plugin(host), bus_(host, bus), log_(host, log), deposits_(host) {
    if (routes != nullptr) routes_.emplace(host, routes);
  }

  agent::Status make(LifecycleFactory factory) {
    auto made = factory({bus_, log_, deposits_, routes_ ? &*routes_ : nullptr});
    if (!made) return to_status(made.error());
    lifecycle_ = std::move(made).value();
    if (!routes_)
      log_.write(LogLevel::warning, "host", "the host has no admin server: /kafka routes are not offered", {});
    return agent::ok();
  }

  agent::Status configure(const agent::Config& config) override;
  agent::Status start() override { return to_status(lifecycle_->start()); }
  agent::Status drain(std::chrono::milliseconds timeout, agent::DrainReport& report) override;
  agent::Status stop() override { return to_status(lifecycle_->stop()); }

  [[nodiscard]] agent::Health health() const override {
    HealthReport report = lifecycle_->health();
    return {report.live, report.ready, std::move(report.reason)};
  }
  void collect(agent::Metrics& metrics) const override {
    MetricsSink writer(metrics);
    lifecycle_->collect(writer);
  }

  agent::Handover* handover() noexcept override { return this; }
  [[nodiscard]] std::uint32_t oldest_revision() const noexcept override { return lifecycle_->revisions().oldest; }
  [[nodiscard]] std::uint32_t newest_revision() const noexcept override { return lifecycle_->revisions().newest; }
  agent::Status describe(agent::StateWriter& to) override { return write(lifecycle_->describe(), to); }
  agent::Status prepare(const agent::PrepareRequest& request) override {
    return to_status(lifecycle_->prepare({request.other, request.close_connections}));
  }
  agent::Status quiesce(std::chrono::milliseconds timeout) override { return to_status(lifecycle_->quiesce(timeout)); }
  agent::Status resume() override { return to_status(lifecycle_->resume()); }
  agent::Status save(const agent::SaveRequest& request, agent::StateWriter& state) override;
  agent::Status load(agent::StateReader& state) override {
    return to_status(lifecycle_->load(state.read_all(max_state_bytes)));
  }
  [[nodiscard]] bool reload_on_change() const noexcept override { return lifecycle_->reload_on_change(); }

 private:
  static agent::Status write(const Result<std::string>& bytes, agent::StateWriter& to) {
    return bytes ? to.write(bytes.value()) : to_status(bytes.error());
  }

  HostEventBus bus_;
  HostLog log_;
  HostDeposits deposits_;
  std::optional<HostRoutes> routes_;
  std::unique_ptr<Lifecycle> lifecycle_;  // last: it goes before the ports that it uses
};

agent::Status Instance::configure(const agent::Config& config) {
  Configuration configuration{config.file(), config.text(), {}, {}};
  for (const auto& [key_path, value] : config.overrides()) {
    configuration.overrides.push_back({std::string(plugin_key) + "." + std::string(key_path), std::string(value)});
  }
  configuration.report = [&config](const ConfigurationProblem& problem) {
    config.report(problem.is_error ? AGENT_PROBLEM_ERROR : AGENT_PROBLEM_WARNING, problem.file, problem.key_path,
                  problem.message, problem.line, problem.column);
  };
  const Result<void> result = lifecycle_->configure(configuration);
  agent::Status first_problem = config.status();
  return result || first_problem.is_ok() ? to_status(result) : first_problem;
}

agent::Status Instance::save(const agent::SaveRequest& request, agent::StateWriter& state) {
  const Result<std::string> saved =
      lifecycle_->save(request.revision, request.timeout, {request.other, request.close_connections});
  agent::Status written = write(saved, state);
  if (written || !saved) return written;
  // Nobody else has the state, so it goes on here, as quiesced as before.
  Result<void> back = lifecycle_->load(saved.value());
  if (back) back = lifecycle_->start();
  return back ? written : to_status(back);
}

agent::Status Instance::drain(std::chrono::milliseconds timeout, agent::DrainReport& report) {
  const Result<DrainCounts> result = lifecycle_->drain(timeout);
  if (!result) return to_status(result.error());
  const DrainCounts& counts = result.value();
  report = {counts.delivered, counts.undelivered, counts.kept};
  if (counts.in_time) return agent::ok();
  return {AGENT_E_TIMEOUT, std::to_string(counts.undelivered) + " event(s) were given up at the deadline"};
}

}  // namespace

std::int32_t create_instance(const ::agent_host* host, ::agent_plugin** plugin, ::agent_error* error,
                             LifecycleFactory factory) noexcept {
  return agent::instantiate(plugin, error, [&](std::unique_ptr<agent::Plugin>& object) -> agent::Status {
    const auto* bus = find_extension<agent_event_bus>(host, AGENT_EXT_EVENT_BUS);
    if (bus == nullptr) {
      return {AGENT_E_UNSUPPORTED, "the host does not offer " AGENT_EXT_EVENT_BUS ", without which there is no event"};
    }
    auto instance = std::make_unique<Instance>(host, bus, find_extension<agent_log>(host, AGENT_EXT_LOG),
                                               find_extension<agent_admin_routes>(host, AGENT_EXT_ADMIN_ROUTES));
    agent::Status status = instance->make(factory);
    object = std::move(instance);
    return status;
  });
}

}  // namespace kafka_events::host
