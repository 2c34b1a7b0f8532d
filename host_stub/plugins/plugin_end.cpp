// The end of an instance: destroy, what it left behind, and unloading its module.
#include <algorithm>
#include <thread>
#include <utility>

#include "plugins/guarded_call.h"
#include "plugins/plugin_instance.h"

namespace host_stub {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds patience_for_readers{5};
constexpr std::chrono::seconds patience_for_threads{1};
/// On a busy machine a thread may hardly ever be seen to rest, and one look at it resting is enough.
constexpr std::chrono::seconds patience_for_running_threads{6};

}  // namespace

void PluginInstance::destroy() {
  if (plugin_ == nullptr) return;
  if (!gate_.close(steady_clock::now() + patience_for_readers)) {
    stays_because_ = "its health or metrics call does not return";
    return;  // destroying it now would pull the ground from under that call
  }
  const std::set<ThreadMark> before = threads_of_this_process();
  agent_error error = AGENT_ERROR_INIT;
  guarded(error, [&] { return plugin_->destroy(plugin_), AGENT_OK; });
  plugin_ = nullptr;
  find_suspects(before);
  remove_leftovers();
}

/// Threads that may be its own: not older than its module, and there when it had said that none of its own ran any more,
/// or since.
void PluginInstance::find_suspects(const std::set<ThreadMark>& before) {
  const std::set<ThreadMark>& quiet = was_started_ && !quiet_threads_.empty() ? quiet_threads_ : before;
  for (const ThreadMark& thread : threads_of_this_process()) {
    if (module_->older_threads().contains(thread)) continue;
    if (quiet.contains(thread) || !before.contains(thread)) suspects_.insert(thread);
  }
}

void PluginInstance::check_threads() {
  const auto now = steady_clock::now();
  const auto inside =
      module_->threads_inside(suspects_, {now + patience_for_threads, now + patience_for_running_threads});
  if (inside.empty()) return;
  stays_because_ = "destroy() left " + std::to_string(inside.size()) + " of its threads running: ";
  for (std::size_t index = 0; index < std::min<std::size_t>(inside.size(), 5); ++index) {
    stays_because_.append(index == 0 ? "" : ", ").append(inside[index]);
  }
}

bool PluginInstance::clear_registrations(std::chrono::milliseconds patience, std::size_t& count) {
  const HostServices& services = side_.services();
  for (const RouteInfo& route : services.routes.routes()) count += route.owner == side_.owner() ? 1 : 0;
  const RemovedSubscriptions removed = services.bus.remove_all_of(side_.owner(), steady_clock::now() + patience);
  count += removed.count;
  return services.routes.remove_all_of(side_.owner(), patience) && removed.idle;
}

void PluginInstance::remove_leftovers() {
  std::size_t count = 0;
  if (!clear_registrations(patience_for_readers, count))
    stays_because_ = "a call into one of its handlers does not return";
  if (count == 0) return;
  side_.services().log.write(LogLevel::warning, "host", "plugins",
                             "plugin " + name_ + " left " + std::to_string(count) +
                                 " subscriptions or routes behind when it was destroyed; the host removed them");
}

UnloadReport PluginInstance::unload(std::chrono::milliseconds patience) {
  if (stays_because_.empty()) check_threads();
  // Whoever completes an event later calls the completion of its publisher, which can be this module.
  const auto deadline = steady_clock::now() + patience;
  while (side_.completions_outstanding() > 0 && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (stays_because_.empty() && side_.completions_outstanding() > 0) {
    stays_because_ = "events that it published are still being handled, and their completions call into it";
  }
  if (!stays_because_.empty()) {
    module_->leave_loaded();
  } else if (!module_->unload()) {
    stays_because_ =
        "something in it keeps it in memory (GNU_UNIQUE symbols, a thread_local of a running thread, NODELETE)";
  }
  mapped_.store(!stays_because_.empty(), std::memory_order_release);
  state_.store(PluginState::unloaded, std::memory_order_release);
  return {name_, !stays_because_.empty(), stays_because_};
}

}  // namespace host_stub
