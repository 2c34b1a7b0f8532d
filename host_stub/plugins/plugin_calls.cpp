#include "plugins/plugin_calls.h"

#include <thread>
#include <vector>

namespace host_stub {

using std::chrono::steady_clock;

bool PluginCalls::run(std::function<void()> work, Milliseconds limit) {
  return control_.run(std::move(work), steady_clock::now() + limit);
}

Result<void> PluginCalls::call(const Instance& instance, const std::string& name, Milliseconds limit,
                               std::function<Result<void>(PluginInstance&)> work) {
  auto answer = call<Result<void>>(instance, name, limit, std::move(work));
  return answer ? std::move(*answer) : Result<void>(timed_out(*instance, name, limit));
}

void PluginCalls::give_up(const Instance& instance, const std::string& call) {
  keep_for_ever(instance);
  instance->give_up(call);
}

Failure PluginCalls::timed_out(const PluginInstance& instance, const std::string& name, Milliseconds limit) {
  return {AGENT_E_TIMEOUT, "plugin " + instance.name() + ": " + name + " did not return within " +
                               std::to_string(limit.count()) + " ms; the plugin is given up"};
}

/// The thread that hangs in it, and perhaps threads of its own, still use it.
void PluginCalls::keep_for_ever(const Instance& instance) {
  static std::mutex mutex;
  static auto* const kept = new std::vector<Instance>;  // outlives every static object
  const std::lock_guard lock(mutex);
  kept->push_back(instance);
}

bool PluginCalls::await_late(const PluginInstance& instance, Milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  while (!instance.late_call().empty()) {
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(Milliseconds(1));
  }
  return true;
}

}  // namespace host_stub
