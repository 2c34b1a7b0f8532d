// What the plugin manager holds: the running instances, the thread that calls them, the swaps.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/plugin_calls.h"
#include "plugins/plugin_instance.h"
#include "plugins/plugin_manager.h"
#include "plugins/swapper.h"

namespace host_stub {

class PluginManager::State {
 public:
  using Instance = std::shared_ptr<PluginInstance>;
  using milliseconds = std::chrono::milliseconds;

  State(HostServices host, PluginManagerOptions wanted)
      : services(std::move(host)), options(std::move(wanted)), calls(options.call_timeout), swapper(parts()) {}

  template <class Answer>
  std::optional<Answer> call(const Instance& instance, const std::string& name, milliseconds extra,
                             std::function<Answer(PluginInstance&)> work) {
    return calls.call<Answer>(instance, name, options.call_timeout + extra, std::move(work));
  }
  Result<void> call(const Instance& instance, const std::string& name,
                    std::function<Result<void>(PluginInstance&)> work) {
    return calls.call(instance, name, options.call_timeout, std::move(work));
  }
  [[nodiscard]] Failure timed_out(const PluginInstance& instance, const std::string& name) const {
    return PluginCalls::timed_out(instance, name, options.call_timeout);
  }

  [[nodiscard]] std::vector<Instance> all() const {
    const std::lock_guard lock(mutex);
    return instances;
  }
  [[nodiscard]] std::vector<Instance> last_first() const {
    std::vector<Instance> turned = all();
    std::reverse(turned.begin(), turned.end());
    return turned;
  }
  [[nodiscard]] Instance find(std::string_view plugin) const {
    const std::lock_guard lock(mutex);
    for (const Instance& instance : instances) {
      if (instance->name() == plugin) return instance;
    }
    return nullptr;
  }
  /// While a version takes over from another one nothing is amiss: for moments neither of the two is active.
  [[nodiscard]] PluginHealth health(const Instance& instance) const {
    PluginHealth health = instance->health();
    const auto last = swapper.history().last(instance->name());
    if (last && last->outcome == SwapOutcome::stuck) {
      health.live = health.ready = false;
      health.reason = "swap " + std::to_string(last->id) + " is stuck: " + last->reason;
    } else if (!health.ready && health.live && swapper.is_changing(instance->name())) {
      health.ready = true;
      health.reason = "it is being swapped";
    }
    return health;
  }
  void set_running(const Instance& next) {
    const std::lock_guard lock(mutex);
    for (Instance& running : instances) {
      if (running->name() == next->name()) running = next;
    }
  }

  HostServices services;
  PluginManagerOptions options;
  PluginCalls calls;
  mutable std::mutex mutex;
  std::vector<Instance> instances;  // guarded by mutex; in the order of loading
  std::uint64_t last_number = 0;
  std::atomic<std::uint64_t> last_owner{0};
  Swapper swapper;  // the last one: it ends before what it uses

 private:
  Swapper::Parts parts() {
    ValidatorSettings validator = options.validator;
    if (validator.program.empty()) validator.program = find_validator(executable_path());
    return {services,
            calls,
            validator,
            [this] { return last_owner.fetch_add(1) + 1; },
            [this](const std::string& plugin) { return find(plugin); },
            [this](const Instance& instance) { set_running(instance); }};
  }
};

}  // namespace host_stub
