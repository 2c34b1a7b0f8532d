// Who calls what, when: the rules are the tags at the end of each function's comment in the headers.
#include "host/ledger.h"

#include <cstdio>

#include "check.h"

namespace plugin_validator {
namespace {

thread_local int host_thread_depth = 0;

const char* words_for(Phase phase) noexcept {
  switch (phase) {
    case phase_loaded:
      return "before create()";
    case phase_creating:
      return "within create()";
    case phase_created:
      return "before configure()";
    case phase_configuring:
      return "within configure()";
    case phase_configured:
      return "before start() or after stop()";
    case phase_prepared:
      return "between prepare() and start()";
    case phase_starting:
      return "within start()";
    case phase_active:
      return "while it was active";
    case phase_saving:
      return "within save()";
    case phase_draining:
      return "after drain()";
    case phase_destroying:
      return "within destroy()";
    case phase_destroyed:
      return "after destroy()";
  }
  return "";
}

}  // namespace

Ledger::OnHostThread::OnHostThread() noexcept { ++host_thread_depth; }
Ledger::OnHostThread::~OnHostThread() { --host_thread_depth; }

void Ledger::enter(Phase phase) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  lifecycle_thread_ = std::this_thread::get_id();
}

Phase Ledger::phase() const {
  const std::lock_guard lock(mutex_);
  return phase_;
}

bool Ledger::begins(std::string_view function, unsigned allowed) {
  const std::lock_guard lock(mutex_);
  ++calls_;
  const bool own_thread = std::this_thread::get_id() != lifecycle_thread_ && host_thread_depth == 0;
  if ((phase_ & allowed) == 0) {
    breaches_.emplace_back(Breach::call, text_of(function, " was called ", words_for(phase_)));
  } else if (own_thread && (phase_ & (phase_created | phase_configuring | phase_configured)) != 0) {
    breaches_.emplace_back(Breach::call, text_of(function, " was called by a thread of the plugin ", words_for(phase_),
                                                 ", when none may run"));
  }
  return !failing_.empty() && failing_ == function;
}

void Ledger::only_on_lifecycle_thread(std::string_view function, Breach kind) {
  const std::lock_guard lock(mutex_);
  if (std::this_thread::get_id() == lifecycle_thread_) return;
  breaches_.emplace_back(kind,
                         text_of(function, " was called from a thread of the plugin; only the lifecycle thread may"));
}

void Ledger::breach(Breach kind, std::string what) {
  const std::lock_guard lock(mutex_);
  breaches_.emplace_back(kind, std::move(what));
}

std::string Ledger::first(Breach kind) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [of, what] : breaches_) {
    if (of == kind) return what;
  }
  return {};
}

std::uint64_t Ledger::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void Ledger::let_fail(std::string function) {
  const std::lock_guard lock(mutex_);
  failing_ = std::move(function);
}

void fill_injected_failure(agent_error* error) noexcept {
  if (error == nullptr) return;
  error->code = injected_failure;
  std::snprintf(error->message, sizeof(error->message), "the validator let this call of the host fail");
}

}  // namespace plugin_validator
