// Swaps of all plugins: one at a time, on the thread "plugin-swap", and what is known of them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/result.h"
#include "plugins/swap.h"
#include "plugins/swap_record.h"

namespace host_stub {

/// All functions may be called from any thread.
class Swapper {
 public:
  /// Finds the running instance of a plugin, or null.
  using Find = std::function<std::shared_ptr<PluginInstance>(const std::string& plugin)>;

  struct Parts {
    const HostServices& services;
    PluginCalls& calls;
    ValidatorSettings validator;
    std::function<std::uint64_t()> next_owner;
    Find find;
    std::function<void(std::shared_ptr<PluginInstance>)> set_running;
  };

  explicit Swapper(Parts parts) : parts_(std::move(parts)) {}
  ~Swapper();  ///< as Pause, for good
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;

  /// Begins a swap; its number. AGENT_E_NOT_FOUND: no such plugin; AGENT_E_BUSY: another swap is under way, or the host
  /// is changing its plugins; AGENT_E_STATE: the plugin is not active.
  Result<std::uint64_t> begin(SwapRequest request);

  [[nodiscard]] const SwapHistory& history() const noexcept { return history_; }
  /// A swap of this plugin is under way, and not yet in probation.
  [[nodiscard]] bool is_changing(const std::string& plugin) const;
  [[nodiscard]] bool is_busy() const;

  /// While it lives no swap runs: a probation ends at once (the new version stays), a swap under way goes no further
  /// forward. Waits for it to come to its end, which its own deadlines bound. For the thread of the lifecycle calls.
  class Pause {
   public:
    explicit Pause(Swapper& swapper);
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Swapper& swapper_;
  };

 private:
  void run(SwapRequest request, std::shared_ptr<PluginInstance> instance, std::shared_ptr<SwapRecord> record);
  bool ending(std::chrono::milliseconds patience);
  void join_finished();

  Parts parts_;
  SwapHistory history_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  unsigned pauses_ = 0;  // guarded by mutex_, as all that follows
  bool busy_ = false;
  std::shared_ptr<SwapRecord> current_;  // of the swap under way
  std::thread thread_;
  std::uint64_t last_id_ = 0;
};

}  // namespace host_stub
