// The host as one plugin instance sees it: the agent_host struct and the tables of "agent.event_bus/1", "agent.log/1",
// "agent.admin_routes/1" and "agent.handover/1" (the host's half). No exception leaves any of their functions.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "agent_plugin/host.h"

#include "plugins/deposit_box.h"
#include "plugins/host_services.h"

namespace host_stub {

/// Lives as long as the plugin instance may call the host. Stays where it is: agent_host points to it.
class HostSide {
 public:
  /// `instance` is the plugin's number, over all its versions; `owner` that of this instance's registrations.
  HostSide(const HostServices& services, std::string plugin, std::uint64_t instance, std::uint64_t owner);
  ~HostSide();
  HostSide(const HostSide&) = delete;
  HostSide& operator=(const HostSide&) = delete;

  [[nodiscard]] const agent_host& host() const noexcept { return host_; }
  [[nodiscard]] const HostServices& services() const noexcept { return services_; }
  [[nodiscard]] const std::string& plugin() const noexcept { return plugin_; }
  [[nodiscard]] std::uint64_t instance() const noexcept { return host_.instance; }
  [[nodiscard]] std::uint64_t owner() const noexcept { return owner_; }

  // ---- any thread ----

  /// Events that the plugin published with a completion, that have outlived their publish(), and of whose end it was not
  /// told yet: while there are any, somebody may call into its module.
  [[nodiscard]] std::uint64_t completions_outstanding() const noexcept {
    return outstanding_->load(std::memory_order_acquire);
  }
  /// Since the beginning: lines that it logged as errors, and events that it completed as failed.
  [[nodiscard]] std::uint64_t errors() const noexcept { return errors_.load(std::memory_order_relaxed); }
  void count_errors(std::uint64_t more) noexcept { errors_.fetch_add(more, std::memory_order_relaxed); }
  [[nodiscard]] Publisher publisher() const noexcept { return {host_.instance, outstanding_.get()}; }

  /// Where deposit() and withdraw() go; null, as in the beginning: deposit() answers AGENT_E_STATE, withdraw()
  /// AGENT_E_NOT_FOUND. On return no call is in the box that was there before, which may go then.
  void set_deposits(DepositBox* box);
  std::int32_t deposit(const agent_deposit& deposit, agent_error* error) noexcept;
  std::int32_t withdraw(std::string_view kind, std::string_view name, void** thing) noexcept;

  /// The plugin was given up: from now on its calls are answered with AGENT_E_STATE and reach nothing.
  void cut_off() noexcept { cut_off_.store(true, std::memory_order_release); }
  [[nodiscard]] bool is_cut_off() const noexcept { return cut_off_.load(std::memory_order_acquire); }

 private:
  HostServices services_;
  std::string plugin_;
  agent_host host_;
  const std::uint64_t owner_;
  std::atomic<bool> cut_off_{false};
  std::unique_ptr<std::atomic<std::uint64_t>> outstanding_;  // left behind if events still refer to it at the end
  std::atomic<std::uint64_t> errors_{0};
  std::mutex deposits_;
  DepositBox* box_ = nullptr;  // guarded by deposits_
};

}  // namespace host_stub
