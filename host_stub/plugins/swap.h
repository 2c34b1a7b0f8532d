// The course of one swap, forward and back. Belongs to the thread "plugin-swap"; every call of a plugin has a deadline.
//
//   forward  copy validate load create configure prepare   the old version never notices            swap_bring_in.cpp
//            quiesce flip save routes load_state start release   its events are held from flip on   swap.cpp
//            probation                                     it is kept, quiet                        swap_probation.cpp
//            destroy unload                                                                          swap_retire.cpp
//   back     as far as it got: resume, or routes load_state start release of the old one; out of probation first
//            quiesce flip save of the new one. Then destroy unload of the new one.                   swap_back.cpp
//
// A version whose call does not return is given up: it stays in memory. An old version that hangs before it gave
// anything up (describe, quiesce) goes on; one that hangs in save() is lost, and the new one begins anew.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bus/event_hold.h"
#include "core/result.h"
#include "plugins/control_thread.h"
#include "plugins/deposit_box.h"
#include "plugins/host_services.h"
#include "plugins/module_file.h"
#include "plugins/module_validation.h"
#include "plugins/plugin_calls.h"
#include "plugins/swap_record.h"
#include "plugins/swap_types.h"

namespace host_stub {

/// What a swap needs of the plugin manager. All must outlive it.
struct SwapParts {
  const HostServices& services;
  PluginCalls& calls;
  const ValidatorSettings& validator;
  std::function<std::uint64_t()> next_owner;
  /// This instance is the plugin from now on.
  std::function<void(std::shared_ptr<PluginInstance>)> set_running;
  /// The host ends: true at once, or waits up to that long for it.
  std::function<bool(std::chrono::milliseconds)> ending;
};

class Swap {
 public:
  using Instance = std::shared_ptr<PluginInstance>;
  using Milliseconds = std::chrono::milliseconds;

  Swap(SwapParts parts, SwapRequest request, Instance running, SwapRecord& record);
  ~Swap();
  Swap(const Swap&) = delete;
  Swap& operator=(const Swap&) = delete;

  /// All of it, to the end of the probation and beyond. The record says how it went.
  void run();

 private:
  using Work = std::function<Result<void>(std::string& detail)>;
  static constexpr auto forward = SwapDirection::forward;
  static constexpr auto back = SwapDirection::back;
  enum class Reached { nothing, quiesced, held, saved };

  // ---- swap.cpp ----
  Result<void> step(std::string_view name, SwapDirection direction, const Work& work);
  Result<void> take_over();
  Result<void> quiesce_old();
  Result<void> save_old();
  Result<void> stop_old();
  Result<void> start_new();
  Result<void> flip(const Instance& from, const Instance& to, SwapDirection direction);
  Result<void> begin_hold(const Instance& from, const Instance& to, bool forced);
  Result<void> exchange_routes(const Instance& from, const Instance& to, SwapDirection direction);
  Result<void> release(const Instance& to, SwapDirection direction);
  Result<std::string> save(const Instance& from, const std::string& other);
  [[nodiscard]] Milliseconds with_grace() const noexcept;

  // ---- swap_bring_in.cpp ----
  Result<void> bring_in();
  Result<void> copy_module();
  Result<void> validate_copy();
  Result<void> load_module();
  Result<void> configure_new();
  Result<void> prepare_new();
  Result<void> negotiate(std::string& detail);
  Result<std::string> describe(const Instance& instance, bool patiently);

  // ---- swap_back.cpp ----
  void way_back(const Failure& why);
  Result<void> resume(const Instance& instance, SwapDirection direction);
  bool restart_old();
  void back_from_probation(const std::string& why);
  void take_from_new();
  void quiesce_new();
  bool save_new();
  void end_stuck(const std::string& why);
  void end_quiesced(const std::string& why);

  // ---- swap_probation.cpp ----
  /// Why the new version must go, or nothing.
  /// Nothing: it did not return in time.
  [[nodiscard]] std::optional<PluginHealth> health_of(const Instance& instance, ControlThread& watcher) const;
  [[nodiscard]] std::optional<std::string> watch_probation();

  // ---- swap_retire.cpp ----
  void retire(const Instance& instance, SwapDirection direction);
  void release_deposits();

  void settle(SwapOutcome outcome, const Instance& running, const std::string& reason);

  SwapParts parts_;
  const SwapRequest request_;
  SwapRecord& record_;
  const Instance old_;
  Instance new_;
  std::shared_ptr<ModuleCopy> copy_;
  std::filesystem::path file_;
  bool hands_over_ = false;     // both sides have agent.handover, and a revision in common
  std::uint32_t revision_ = 0;  // of the state
  bool old_was_ready_ = true;   // when it was quiesced
  bool old_lost_ = false;       // it hung in save()
  bool new_lost_ = false;       // a call of it hung; it is given up once its events are held
  Reached reached_ = Reached::nothing;
  std::string old_description_;
  std::string new_description_;
  std::string state_;  // what the next start() begins from
  std::shared_ptr<EventHold> hold_;
  ControlThread bus_thread_{"plugin-release"};  // a handler that hangs keeps it, not this
  std::chrono::steady_clock::time_point flipped_{};
  std::shared_ptr<DepositBox> deposits_;
};

}  // namespace host_stub
