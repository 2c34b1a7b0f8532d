// The test host's book: at what point of its life the instance is, which calls it may make there, and what it did wrong.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent_plugin/status.h"

namespace plugin_validator {

/// Where in its life an instance is. The -ing ones last as long as the call; draining ends with stop().
enum Phase : unsigned {
  phase_loaded = 1,
  phase_creating = 2,
  phase_created = 4,
  phase_configuring = 8,
  phase_configured = 16,
  phase_prepared = 32,  // configured, and getting ready to take over: it may have threads
  phase_starting = 64,
  phase_active = 128,
  phase_saving = 256,
  phase_draining = 512,
  phase_destroying = 1024,
  phase_destroyed = 2048
};

/// In which phases the header allows a call.
constexpr unsigned any_state = phase_created | phase_configuring | phase_configured | phase_prepared | phase_starting |
                               phase_active | phase_saving | phase_draining | phase_destroying;
constexpr unsigned any_state_and_create = any_state | phase_creating;
constexpr unsigned from_configured = any_state & ~static_cast<unsigned>(phase_created | phase_configuring);

/// What a violation is about, so that each is told by one check.
enum class Breach { call, event, exchange, deposit };

class Ledger {
 public:
  /// For the lifecycle thread: what is being called, and where the instance is afterwards.
  void enter(Phase phase);
  [[nodiscard]] Phase phase() const;

  /// The start of each of the host's functions: notes the call. True: this function is to fail now.
  [[nodiscard]] bool begins(std::string_view function, unsigned allowed);
  /// Breaks the rule of the lifecycle thread if this is another one.
  void only_on_lifecycle_thread(std::string_view function, Breach kind);
  void breach(Breach kind, std::string what);
  /// The first breach of this kind, or empty.
  [[nodiscard]] std::string first(Breach kind) const;
  [[nodiscard]] std::uint64_t calls() const;

  /// Lets this function fail from now on; empty: none.
  void let_fail(std::string function);

  /// Marks the calling thread as one of the host's, on which it calls handlers.
  class OnHostThread {
   public:
    OnHostThread() noexcept;
    ~OnHostThread();
  };

 private:
  mutable std::mutex mutex_;
  Phase phase_ = phase_loaded;
  std::thread::id lifecycle_thread_;
  std::string failing_;
  std::uint64_t calls_ = 0;
  std::vector<std::pair<Breach, std::string>> breaches_;
};

/// What a function of the host answers that was told to fail: a status that no plugin knows, which counts as "failed".
constexpr std::int32_t injected_failure = -1000;
void fill_injected_failure(agent_error* error) noexcept;

}  // namespace plugin_validator
