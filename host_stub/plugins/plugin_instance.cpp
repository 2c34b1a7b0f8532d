// The lifecycle calls.
#include "plugins/plugin_instance.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/abi_text.h"
#include "plugins/config_call.h"
#include "plugins/guarded_call.h"

namespace host_stub {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds patience_with_the_lost{1};

PluginInfo about(const LoadedModule& module, std::uint64_t number) {
  const agent_plugin_module& block = module.block();
  PluginInfo info;
  info.name = to_view(block.name);
  info.version = to_view(block.version);
  info.build_id = to_view(block.build_id);
  info.abi = std::to_string(block.abi_major) + "." + std::to_string(block.abi_minor);
  info.path = module.file().string();
  info.description = to_view(block.description);
  info.runtime = to_view(block.runtime);
  info.instance = number;
  return info;
}

}  // namespace

PluginInstance::PluginInstance(std::unique_ptr<LoadedModule> module, const HostServices& services, std::uint64_t number,
                               std::uint64_t owner)
    : module_(std::move(module)),
      name_(to_view(module_->block().name)),
      about_(about(*module_, number)),
      side_(services, name_, number, owner) {}

PluginInstance::~PluginInstance() {
  if (state() == PluginState::given_up) {
    module_->leave_loaded();
  } else {
    destroy();
    unload();
  }
}

Failure PluginInstance::failed(std::string_view call, std::int32_t status, const agent_error& error) const {
  const std::string_view said(error.message, ::strnlen(error.message, sizeof(error.message)));
  std::string why = said.empty() ? "status " + std::to_string(status) + ", without a reason" : std::string(said);
  return {status, "plugin " + name_ + ": " + std::string(call) + " failed: " + why};
}

Failure PluginInstance::not_allowed(std::string_view call) const {
  return {AGENT_E_STATE, "plugin " + name_ + ": " + std::string(call) + " is not possible while it is " +
                             std::string(to_string(state()))};
}

Result<void> PluginInstance::check_struct() const {
  const std::string what = "plugin " + name_ + ": create() ";
  if (plugin_ == nullptr) return Failure{AGENT_E_INVALID, what + "succeeded without an instance"};
  if (plugin_->size < sizeof(agent_plugin)) {
    return Failure{AGENT_E_INVALID, what + "returned a struct of " + std::to_string(plugin_->size) +
                                        " bytes; ABI 1.0 has " + std::to_string(sizeof(agent_plugin))};
  }
  if (plugin_->get_extension == nullptr || plugin_->configure == nullptr || plugin_->start == nullptr ||
      plugin_->drain == nullptr || plugin_->stop == nullptr || plugin_->destroy == nullptr) {
    return Failure{AGENT_E_INVALID, what + "returned a struct with a null function"};
  }
  return {};
}

Result<void> PluginInstance::create() {
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = guarded(error, [&] { return module_->block().create(&side_.host(), &plugin_, &error); });
  if (status != AGENT_OK) {
    plugin_ = nullptr;
    remove_leftovers();
    return failed("create()", status, error);
  }
  if (auto checked = check_struct(); !checked) {
    const bool whole = plugin_ != nullptr && plugin_->size >= sizeof(agent_plugin);
    if (!whole || plugin_->destroy == nullptr) plugin_ = nullptr;  // nothing in it can be called
    destroy();
    return checked;
  }
  find_extensions();
  return {};
}

void PluginInstance::find_extensions() {
  agent_error error = AGENT_ERROR_INIT;
  guarded(error, [&] {
    health_ = static_cast<const agent_health*>(plugin_->get_extension(plugin_, AGENT_EXT_HEALTH));
    metrics_ = static_cast<const agent_metrics*>(plugin_->get_extension(plugin_, AGENT_EXT_METRICS));
    handover_ = static_cast<const agent_handover*>(plugin_->get_extension(plugin_, AGENT_EXT_HANDOVER));
    return AGENT_OK;
  });
  if (handover_ == nullptr) return;
  const agent_handover& table = *handover_;
  const bool whole = table.size >= sizeof(agent_handover) && table.oldest_revision >= 1 &&
                     table.oldest_revision <= table.newest_revision && table.describe != nullptr &&
                     table.prepare != nullptr && table.quiesce != nullptr && table.resume != nullptr &&
                     table.save != nullptr && table.load != nullptr && table.reload_policy != nullptr;
  if (whole) return;
  handover_ = nullptr;
  side_.services().log.write(LogLevel::warning, "host", "plugins",
                             "plugin " + name_ + ": its " AGENT_EXT_HANDOVER " is incomplete and is not used");
}

Result<void> PluginInstance::configure(const PluginConfiguration& configuration, std::vector<ConfigProblem>& problems) {
  if (state() != PluginState::created && state() != PluginState::configured) return not_allowed("configure()");
  const ConfigCall call(configuration, name_, problems);
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = guarded(error, [&] { return plugin_->configure(plugin_, &call.config(), &error); });
  if (status == AGENT_OK) {
    state_.store(PluginState::configured, std::memory_order_release);
    return {};
  }
  Failure failure = failed("configure()", status, error);
  if (!call.has_error()) problems.push_back(problem_of(error, failure.message));
  return failure;
}

Result<void> PluginInstance::start() {
  if (state() != PluginState::configured) return not_allowed("start()");
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = guarded(error, [&] { return plugin_->start(plugin_, &error); });
  if (status != AGENT_OK) return failed("start()", status, error);
  was_started_ = true;
  // With a state it takes nothing in before resume().
  const PluginState now = std::exchange(loaded_, false) ? PluginState::quiesced : PluginState::active;
  state_.store(now, std::memory_order_release);
  return {};
}

PluginDrain PluginInstance::drain(std::chrono::milliseconds timeout) {
  PluginDrain result{name_, AGENT_OK, {}, {}};
  result.report.size = sizeof(agent_drain_report);
  agent_error error = AGENT_ERROR_INIT;
  if (state() != PluginState::active && state() != PluginState::quiesced) {
    Failure failure = not_allowed("drain()");
    result.status = failure.status;
    result.message = std::move(failure.message);
    return result;
  }
  const auto limit = static_cast<std::uint32_t>(std::max<std::chrono::milliseconds::rep>(timeout.count(), 0));
  result.status = guarded(error, [&] { return plugin_->drain(plugin_, limit, &result.report, &error); });
  if (result.status != AGENT_OK) result.message = failed("drain()", result.status, error).message;
  state_.store(PluginState::draining, std::memory_order_release);
  return result;
}

Result<void> PluginInstance::stop() {
  if (!is_started(state())) return not_allowed("stop()");
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = guarded(error, [&] { return plugin_->stop(plugin_, &error); });
  if (status != AGENT_OK) return failed("stop()", status, error);
  quiet_threads_ = threads_of_this_process();
  state_.store(PluginState::configured, std::memory_order_release);
  return {};
}

void PluginInstance::give_up(const std::string& call) {
  state_.store(PluginState::given_up, std::memory_order_release);
  side_.cut_off();
  gate_.close(steady_clock::now());
  std::size_t count = 0;
  clear_registrations(patience_with_the_lost, count);
  side_.services().log.write(
      LogLevel::error, "host", "plugins",
      "plugin " + name_ + " did not return from " + call + " in time; it is given up and stays in memory");
}

PluginInfo PluginInstance::info() const {
  PluginInfo info = about_;
  info.state = state();
  info.hands_over = handover_ != nullptr;
  info.mapped = mapped_.load(std::memory_order_acquire);
  return info;
}

PluginHealth PluginInstance::health() {
  const PluginState now = state();
  if (now == PluginState::given_up) return {name_, false, false, "a call of it did not return in time"};
  PluginHealth health{name_, true, now == PluginState::active || now == PluginState::quiesced, {}};
  agent_health_report report{sizeof(agent_health_report), 1, 1, 0, {}};
  if (const std::string late = late_call(); !late.empty()) health.reason = "its " + late + " has not returned";
  const CallGate::Pass pass(gate_);
  if (pass && health_ != nullptr) {
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t status = guarded(error, [&] { return health_->check(plugin_, &report), AGENT_OK; });
    if (status != AGENT_OK) return {name_, false, false, "its health check threw an exception"};
    health.live = report.live != 0;
    health.ready = health.ready && report.ready != 0;
    const std::string_view said(report.reason, ::strnlen(report.reason, sizeof(report.reason)));
    if (!said.empty()) health.reason = said;
  }
  if (stays_quiesced_.load(std::memory_order_acquire)) {
    health.ready = false;
    health.reason = "it takes nothing in from outside: a swap was called off, and then it could not be resumed";
  }
  if (!health.ready && health.reason.empty()) health.reason = "it is " + std::string(to_string(now));
  return health;
}

void PluginInstance::collect_metrics(const agent_metrics_sink& sink) {
  const CallGate::Pass pass(gate_);
  if (!pass || metrics_ == nullptr) return;
  agent_error error = AGENT_ERROR_INIT;
  guarded(error, [&] { return metrics_->collect(plugin_, &sink), AGENT_OK; });
}

}  // namespace host_stub
