// Calls of plugins on the control thread, each with a deadline, and what becomes of one that does not return.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "core/result.h"
#include "plugins/control_thread.h"
#include "plugins/plugin_instance.h"

namespace host_stub {

/// Used by one thread at a time.
class PluginCalls {
 public:
  using Instance = std::shared_ptr<PluginInstance>;
  using Milliseconds = std::chrono::milliseconds;

  explicit PluginCalls(Milliseconds timeout) : timeout_(timeout) {}

  [[nodiscard]] Milliseconds timeout() const noexcept { return timeout_; }

  /// Runs what belongs to no instance yet. As ControlThread::run().
  bool run(std::function<void()> work, Milliseconds limit);

  /// Runs one call of `instance`. Empty: it did not return within `limit`, and the instance is given up.
  template <class Answer>
  std::optional<Answer> call(const Instance& instance, const std::string& name, Milliseconds limit,
                             std::function<Answer(PluginInstance&)> work) {
    auto answer = std::make_shared<std::optional<Answer>>();
    if (!await_late(*instance, limit)) {
      give_up(instance, instance->late_call());
      return std::nullopt;
    }
    const bool in_time = run([instance, answer, work = std::move(work)] { answer->emplace(work(*instance)); }, limit);
    if (in_time) return std::move(*answer);
    give_up(instance, name);
    return std::nullopt;
  }

  /// The same for a call without an answer of its own: AGENT_E_TIMEOUT says that the instance is given up.
  Result<void> call(const Instance& instance, const std::string& name, Milliseconds limit,
                    std::function<Result<void>(PluginInstance&)> work);

  /// For a plugin that works and shall go on to: one that does not return in time is not given up. Empty: the call is
  /// late; when it comes back, `afterwards` is called on the same thread, and until then no other call is made.
  template <class Answer>
  std::optional<Answer> call_patiently(const Instance& instance, const std::string& name, Milliseconds limit,
                                       std::function<Answer(PluginInstance&)> work,
                                       std::function<void(PluginInstance&, Answer&)> afterwards = nullptr) {
    struct Slot {
      std::atomic<int> progress{running};
      std::optional<Answer> answer;
    };
    auto slot = std::make_shared<Slot>();
    if (!await_late(*instance, limit)) return std::nullopt;
    const auto job = [slot, instance, work = std::move(work), afterwards = std::move(afterwards)] {
      slot->answer.emplace(work(*instance));
      int expected = running;
      if (slot->progress.compare_exchange_strong(expected, done)) return;
      if (afterwards) afterwards(*instance, *slot->answer);
      instance->set_late_call({});
    };
    if (run(job, limit)) return std::move(slot->answer);
    keep_for_ever(instance);
    instance->set_late_call(name);
    int expected = running;
    if (slot->progress.compare_exchange_strong(expected, left)) return std::nullopt;
    instance->set_late_call({});
    return std::move(slot->answer);
  }

  /// Its call did not return: see PluginInstance::give_up(). It stays in memory for ever.
  static void give_up(const Instance& instance, const std::string& call);

  [[nodiscard]] static Failure timed_out(const PluginInstance& instance, const std::string& name, Milliseconds limit);

 private:
  enum Progress : int { running, done, left };
  static void keep_for_ever(const Instance& instance);
  /// False: an earlier call has still not returned.
  static bool await_late(const PluginInstance& instance, Milliseconds limit);

  const Milliseconds timeout_;
  ControlThread control_;
};

}  // namespace host_stub
