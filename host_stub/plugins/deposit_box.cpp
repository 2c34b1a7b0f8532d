// A small list under a mutex: a handful of things, once per swap.
#include "plugins/deposit_box.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/abi_text.h"

namespace host_stub {
namespace {

auto named(std::string_view kind, std::string_view name) {
  return [kind, name](const DepositBox::Deposit& each) { return each.kind == kind && each.name == name; };
}

}  // namespace

std::int32_t DepositBox::deposit(const agent_deposit& deposit, agent_error* error) noexcept {
  if (deposit.size < sizeof(agent_deposit) || deposit.thing == nullptr || deposit.release == nullptr ||
      deposit.kind.size == 0 || deposit.kind.data == nullptr ||
      (deposit.name.size > 0 && deposit.name.data == nullptr)) {
    return fill_error(error, AGENT_E_INVALID, "a deposit needs a kind, a thing and a function that releases it");
  }
  try {
    Deposit made{std::string(to_view(deposit.kind)), std::string(to_view(deposit.name)), deposit.thing,
                 deposit.release};
    const std::lock_guard lock(mutex_);
    if (closed_) return fill_error(error, AGENT_E_STATE, "nobody takes over: keep it or end it");
    if (std::ranges::any_of(things_, named(made.kind, made.name))) {
      return fill_error(error, AGENT_E_EXISTS, "there is a deposit of this kind and name already: " + made.name);
    }
    things_.push_back(std::move(made));
    return AGENT_OK;
  } catch (const std::exception&) {
    return fill_error(error, AGENT_E_INTERNAL, "the host could not take the deposit: memory is short");
  }
}

std::int32_t DepositBox::withdraw(std::string_view kind, std::string_view name, void** thing) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(things_, named(kind, name));
  if (closed_ || thing == nullptr || found == things_.end()) return AGENT_E_NOT_FOUND;
  *thing = found->thing;
  things_.erase(found);
  return AGENT_OK;
}

void DepositBox::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

std::vector<DepositBox::Deposit> DepositBox::take_all() noexcept {
  const std::lock_guard lock(mutex_);
  return std::exchange(things_, {});
}

}  // namespace host_stub
