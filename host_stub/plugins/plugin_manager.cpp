// Drives all plugins through their lives, every call on the control thread.
#include "plugins/plugin_manager.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "plugins/plugin_manager_state.h"

namespace host_stub {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Instance = std::shared_ptr<PluginInstance>;

std::string_view to_string(PluginState state) noexcept {
  switch (state) {
    case PluginState::created:
      return "created";
    case PluginState::configured:
      return "configured";
    case PluginState::active:
      return "active";
    case PluginState::quiesced:
      return "quiesced";
    case PluginState::draining:
      return "draining";
    case PluginState::given_up:
      return "given up";
    case PluginState::unloaded:
      return "unloaded";
  }
  return "unknown";
}

PluginManager::PluginManager(HostServices services, PluginManagerOptions options)
    : state_(std::make_unique<State>(std::move(services), std::move(options))) {}

PluginManager::~PluginManager() {
  (void)stop_all();
  unload_all();
}

Result<PluginInfo> PluginManager::load(std::string_view name_or_path) {
  const Swapper::Pause pause(state_->swapper);
  auto file = state_->options.search.find(name_or_path);
  if (!file) return file.error();
  using Loading = std::optional<Result<std::unique_ptr<LoadedModule>>>;
  auto loading = std::make_shared<Loading>();
  const bool in_time = state_->calls.run([loading, path = file.value()] { loading->emplace(LoadedModule::load(path)); },
                                         state_->options.call_timeout);
  if (!in_time) return Failure{AGENT_E_TIMEOUT, "loading " + file.value().string() + " does not come to an end"};
  if (!**loading) return (*loading)->error();
  auto instance = std::make_shared<PluginInstance>(std::move(**loading).value(), state_->services,
                                                   state_->last_number + 1, state_->last_owner.fetch_add(1) + 1);
  for (const Instance& other : state_->all()) {
    if (other->name() == instance->name()) {
      return Failure{AGENT_E_EXISTS, "plugin " + other->name() + " is loaded already, from " + other->info().path};
    }
  }
  ++state_->last_number;
  auto created = state_->call(instance, "create()", [](PluginInstance& plugin) { return plugin.create(); });
  if (!created) return created.error();
  const std::lock_guard lock(state_->mutex);
  state_->instances.push_back(instance);
  return instance->info();
}

Result<void> PluginManager::configure(const PluginConfiguration& configuration, const OnProblem& on_problem) {
  const Swapper::Pause pause(state_->swapper);
  Result<void> first;
  const auto keep = [&](Result<void> result) {
    if (first && !result) first = std::move(result);
  };
  const std::vector<Instance> instances = state_->all();
  for (const ConfigOverride& given : configuration.overrides) {
    const bool known = std::any_of(instances.begin(), instances.end(),
                                   [&](const Instance& instance) { return instance->name() == given.plugin; });
    if (known) continue;
    ConfigProblem problem{false, "-o", 0, 0, given.plugin + "." + given.key_path, {}};
    problem.message = "no plugin named \"" + given.plugin + "\" is loaded";
    keep(Failure{AGENT_E_INVALID, "-o " + problem.key_path + ": " + problem.message});
    on_problem(problem);
  }
  const auto shared = std::make_shared<const PluginConfiguration>(configuration);
  for (const Instance& instance : instances) {
    const auto problems = std::make_shared<std::vector<ConfigProblem>>();
    auto result = state_->call(instance, "configure()", [shared, problems](PluginInstance& plugin) {
      return plugin.configure(*shared, *problems);
    });
    const bool finished = result.ok() || result.error().status != AGENT_E_TIMEOUT;
    for (std::size_t index = 0; finished && index < problems->size(); ++index) on_problem((*problems)[index]);
    keep(std::move(result));
  }
  return first;
}

Result<void> PluginManager::start_all() {
  const Swapper::Pause pause(state_->swapper);
  for (const Instance& instance : state_->all()) {
    auto started = state_->call(instance, "start()", [](PluginInstance& plugin) { return plugin.start(); });
    if (started) continue;
    (void)stop_all();
    return started;
  }
  return {};
}

std::vector<PluginDrain> PluginManager::drain_all(milliseconds timeout) {
  const Swapper::Pause pause(state_->swapper);
  std::vector<PluginDrain> drained;
  const auto deadline = steady_clock::now() + timeout;
  for (const Instance& instance : state_->last_first()) {
    if (instance->state() != PluginState::active && instance->state() != PluginState::quiesced) continue;
    const auto left = std::chrono::duration_cast<milliseconds>(
        std::max(deadline - steady_clock::now(), steady_clock::duration::zero()));
    auto result = state_->call<PluginDrain>(instance, "drain()", left,
                                            [left](PluginInstance& plugin) { return plugin.drain(left); });
    if (!result) {
      result = PluginDrain{instance->name(), AGENT_E_TIMEOUT, state_->timed_out(*instance, "drain()").message, {}};
    }
    drained.push_back(std::move(*result));
  }
  return drained;
}

Result<void> PluginManager::stop_all() {
  const Swapper::Pause pause(state_->swapper);
  Result<void> first;
  for (const Instance& instance : state_->last_first()) {
    if (!is_started(instance->state())) continue;
    auto stopped = state_->call(instance, "stop()", [](PluginInstance& plugin) { return plugin.stop(); });
    if (first && !stopped) first = std::move(stopped);
  }
  return first;
}

std::vector<UnloadReport> PluginManager::unload_all() {
  const Swapper::Pause pause(state_->swapper);
  std::vector<UnloadReport> reports;
  for (const Instance& instance : state_->last_first()) {
    if (instance->state() == PluginState::unloaded) continue;
    std::optional<UnloadReport> report;
    if (instance->state() != PluginState::given_up) {
      report = state_->call<UnloadReport>(instance, "destroy()", milliseconds(0), [](PluginInstance& plugin) {
        plugin.destroy();
        return plugin.unload();
      });
    }
    if (!report) report = UnloadReport{instance->name(), true, "a call of it did not return in time"};
    reports.push_back(std::move(*report));
  }
  return reports;
}

std::vector<PluginInfo> PluginManager::list() const {
  std::vector<PluginInfo> infos;
  for (const Instance& instance : state_->all()) infos.push_back(instance->info());
  return infos;
}

std::vector<PluginHealth> PluginManager::health() const {
  std::vector<PluginHealth> healths;
  for (const Instance& instance : state_->all()) {
    healths.push_back(state_->health(instance));
  }
  return healths;
}

void PluginManager::collect_metrics(const agent_metrics_sink& sink) const {
  for (const Instance& instance : state_->all()) instance->collect_metrics(sink);
}

Result<std::uint64_t> PluginManager::swap(SwapRequest request) { return state_->swapper.begin(std::move(request)); }

std::optional<SwapReport> PluginManager::wait_for_swap(std::uint64_t id, bool to_the_end,
                                                       steady_clock::time_point deadline) const {
  const auto record = state_->swapper.history().find(id);
  if (record == nullptr) return std::nullopt;
  return record->wait(to_the_end, deadline);
}

bool PluginManager::when_swapped(std::uint64_t id, bool to_the_end, std::function<void(const SwapReport&)> done) const {
  const auto record = state_->swapper.history().find(id);
  if (record != nullptr) record->when_settled(to_the_end, std::move(done));
  return record != nullptr;
}

std::vector<SwapReport> PluginManager::swaps(std::string_view plugin) const {
  return state_->swapper.history().of(plugin);
}

std::vector<SwapCounts> PluginManager::swap_counts() const { return state_->swapper.history().counts(); }

bool PluginManager::swap_under_way() const { return state_->swapper.is_busy(); }

bool PluginManager::reloads_on_change(std::string_view plugin) const {
  const Instance instance = state_->find(plugin);
  return instance != nullptr && instance->reloads_on_change();
}

}  // namespace host_stub
