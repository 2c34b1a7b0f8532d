// Each thing is given exactly once: to who withdraws it, or to its own release function.
#include "host/deposits.h"

#include <cstdio>
#include <cstring>

#include "host/memory.h"
#include "host/test_host.h"

namespace plugin_validator {

namespace {

Deposits& deposits_of(const agent_host* host) { return TestHost::of(host).deposits(); }

}  // namespace

agent_handover_host Deposits::table() noexcept {
  return {.size = sizeof(agent_handover_host),
          .reserved = 0,
          .deposit = [](const agent_host* host, const agent_deposit* deposit,
                        agent_error* error) { return deposits_of(host).deposit(deposit, error); },
          .withdraw = [](const agent_host* host, agent_text kind, agent_text name,
                         void** thing) { return deposits_of(host).withdraw(kind, name, thing); }};
}

std::int32_t Deposits::deposit(const agent_deposit* deposit, agent_error* error) {
  constexpr unsigned allowed = phase_saving | phase_starting;
  ledger_.only_on_lifecycle_thread("handover.deposit", Breach::deposit);
  if (ledger_.begins("handover.deposit", allowed)) {
    fill_injected_failure(error);
    return injected_failure;
  }
  const void* code = nullptr;
  std::memcpy(&code, &deposit->release, sizeof(code));
  if (code == nullptr) {
    ledger_.breach(Breach::deposit, "handover.deposit was given no release function");
  } else if (is_in_module && is_in_module(code)) {
    ledger_.breach(Breach::deposit,
                   "handover.deposit was given a release function that lies in the module, which may be "
                   "gone when it is called; give a function of a library that stays resident");
  }
  const std::int32_t status =
      vault_->put(std::string(view(deposit->kind)), std::string(view(deposit->name)), deposit->thing, deposit->release);
  if (status != AGENT_OK && error != nullptr) {
    error->code = status;
    std::snprintf(error->message, sizeof(error->message), "%s",
                  status == AGENT_E_EXISTS ? "there is such a deposit already" : "nobody takes over");
  }
  return status;
}

std::int32_t Deposits::withdraw(agent_text kind, agent_text name, void** thing) {
  if (ledger_.begins("handover.withdraw", phase_starting | phase_saving)) return injected_failure;
  return vault_->take(std::string(view(kind)), std::string(view(name)), thing);
}

void Vault::open(bool is_open) {
  const std::lock_guard lock(mutex_);
  open_ = is_open;
}

std::size_t Vault::size() const {
  const std::lock_guard lock(mutex_);
  return things_.size();
}

std::size_t Vault::release_all() {
  decltype(things_) ending;
  {
    const std::lock_guard lock(mutex_);
    ending.swap(things_);
  }
  for (const auto& [key, thing] : ending) {
    if (thing.release != nullptr) thing.release(thing.thing);
  }
  return ending.size();
}

std::int32_t Vault::put(std::string kind, std::string name, void* thing, void (*release)(void*)) {
  const std::lock_guard lock(mutex_);
  if (!open_) return AGENT_E_STATE;
  const auto [place, added] = things_.try_emplace({std::move(kind), std::move(name)}, Thing{thing, release});
  return added ? AGENT_OK : AGENT_E_EXISTS;
}

std::int32_t Vault::take(const std::string& kind, const std::string& name, void** thing) {
  const std::lock_guard lock(mutex_);
  const auto found = things_.find({kind, name});
  if (found == things_.end()) return AGENT_E_NOT_FOUND;
  *thing = found->second.thing;
  things_.erase(found);
  return AGENT_OK;
}

}  // namespace plugin_validator
