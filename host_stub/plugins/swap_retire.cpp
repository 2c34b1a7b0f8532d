// Getting rid of the version that lost, and of things that nobody took over.
#include <utility>

#include "plugins/swap.h"

namespace host_stub {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds patience_for_completions{5};
constexpr std::chrono::seconds patience_for_threads{8};

}  // namespace

void Swap::retire(const Instance& instance, SwapDirection direction) {
  const auto keep = [&](const std::string& why) {
    record_.change([&](SwapReport& report) {
      report.unmapped = false;
      report.why_mapped = why;
    });
  };
  if (instance->state() == PluginState::given_up) {
    const std::string why = "a call of it did not return in time";
    record_.skip("destroy", direction, why);
    record_.skip("unload", direction, why);
    return keep(why);
  }
  auto destroyed = step("destroy", direction, [&](std::string&) {
    return parts_.calls.call(instance, "destroy()", with_grace(), [](PluginInstance& plugin) {
      plugin.destroy();
      return Result<void>();
    });
  });
  if (!destroyed) return keep(destroyed.error().message);
  (void)step("unload", direction, [&](std::string& detail) -> Result<void> {
    auto report = parts_.calls.call<UnloadReport>(
        instance, "unload()", with_grace() + patience_for_completions + patience_for_threads,
        [](PluginInstance& plugin) { return plugin.unload(patience_for_completions); });
    if (!report) return Failure{AGENT_E_TIMEOUT, "dlclose() did not return in time"};
    if (report->mapped) return Failure{AGENT_E_STATE, "it stays in memory: " + report->reason};
    detail = "nothing of it is mapped any more";
    return {};
  });
  const PluginInfo info = instance->info();
  if (info.mapped) return keep(record_.report().steps.back().detail);
  record_.change([&](SwapReport& report) { report.unmapped = true; });
}

/// Each may take long, such as a client that has messages left: they go on a thread of their own.
void Swap::release_deposits() {
  for (const Instance& instance : {old_, new_}) {
    if (instance != nullptr) instance->side().set_deposits(nullptr);
  }
  auto left = std::make_shared<std::vector<DepositBox::Deposit>>(deposits_->take_all());
  deposits_->close();
  if (left->empty()) return;
  record_.change([&](SwapReport& report) {
    report.deposits_released += left->size();
    if (report.deposits_released >= report.deposits) report.handles = "made anew";
  });
  const auto work = [left] {
    for (const DepositBox::Deposit& deposit : *left) deposit.release(deposit.thing);
  };
  ControlThread releaser("plugin-deposits");
  (void)releaser.run(work, steady_clock::now() + request_.timeout);  // one that does not end goes on alone
}

}  // namespace host_stub
