// "agent.handover/1" of the test host: keeps what one instance deposits until another one withdraws it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "agent_plugin/ext/handover.h"

#include "host/ledger.h"

namespace plugin_validator {

/// What lies between two instances; both hosts share it.
class Vault {
 public:
  /// Lets deposits in: somebody takes over.
  void open(bool is_open);
  /// Ends what nobody has withdrawn; returns how many there were.
  std::size_t release_all();
  [[nodiscard]] std::size_t size() const;

  std::int32_t put(std::string kind, std::string name, void* thing, void (*release)(void*));
  std::int32_t take(const std::string& kind, const std::string& name, void** thing);

 private:
  struct Thing {
    void* thing;
    void (*release)(void*);
  };
  mutable std::mutex mutex_;
  bool open_ = false;
  std::map<std::pair<std::string, std::string>, Thing> things_;
};

class Deposits {
 public:
  Deposits(Ledger& ledger, std::shared_ptr<Vault> vault) : ledger_(ledger), vault_(std::move(vault)) {}

  [[nodiscard]] static agent_handover_host table() noexcept;
  std::function<bool(const void*)> is_in_module;

  std::int32_t deposit(const agent_deposit* deposit, agent_error* error);
  std::int32_t withdraw(agent_text kind, agent_text name, void** thing);

 private:
  Ledger& ledger_;
  std::shared_ptr<Vault> vault_;
};

}  // namespace plugin_validator
