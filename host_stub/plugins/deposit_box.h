// Keeps what changes hands between two versions of a plugin: the host's half of "agent.handover/1".
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/handover.h"

namespace host_stub {

/// Any thread. What is in it when it is destroyed is not released: see take_all().
class DepositBox {
 public:
  /// A thing that nobody has withdrawn. Whoever takes it over calls release(thing), which may take long.
  struct Deposit {
    std::string kind;
    std::string name;
    void* thing = nullptr;
    void (*release)(void* thing) = nullptr;
  };

  DepositBox() = default;
  DepositBox(const DepositBox&) = delete;
  DepositBox& operator=(const DepositBox&) = delete;

  /// agent_handover_host.deposit; the texts are copied. AGENT_E_EXISTS: kind and name are taken; AGENT_E_STATE: it is
  /// closed; AGENT_E_INVALID: no thing, no release function, no kind, or an older struct. `error` may be null.
  std::int32_t deposit(const agent_deposit& deposit, agent_error* error) noexcept;

  /// agent_handover_host.withdraw: a thing is given once. AGENT_E_NOT_FOUND, and `thing` stays as it is: there is none,
  /// it is gone, or the box is closed.
  std::int32_t withdraw(std::string_view kind, std::string_view name, void** thing) noexcept;

  [[nodiscard]] std::size_t size() noexcept {
    const std::lock_guard lock(mutex_);
    return things_.size();
  }

  /// From now on nothing is taken and nothing is found. take_all() still works.
  void close() noexcept;

  /// What is left, and the box is empty.
  [[nodiscard]] std::vector<Deposit> take_all() noexcept;

 private:
  std::mutex mutex_;
  std::vector<Deposit> things_;  // guarded by mutex_
  bool closed_ = false;          // likewise
};

}  // namespace host_stub
