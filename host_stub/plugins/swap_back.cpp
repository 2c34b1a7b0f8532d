// The way back: the old version works again with what it had, or with what the new one made of it.
#include <thread>
#include <utility>

#include "plugins/swap.h"

namespace host_stub {

using std::chrono::steady_clock;

namespace {

constexpr int resume_attempts = 5;
constexpr std::chrono::milliseconds between_attempts{100};

}  // namespace

void Swap::way_back(const Failure& why) {
  if (reached_ == Reached::nothing || reached_ == Reached::quiesced) {
    const bool given_up = old_->state() == PluginState::given_up;
    if (given_up) return end_stuck(why.message);
    if (reached_ == Reached::quiesced && !resume(old_, back)) return end_quiesced(why.message);
    if (new_ != nullptr) retire(new_, back);
    return settle(reached_ == Reached::nothing ? SwapOutcome::refused : SwapOutcome::rolled_back, old_, why.message);
  }
  if (reached_ == Reached::held) {  // save() failed, and it is quiesced as before
    (void)release(old_, back);
    release_deposits();
    if (!resume(old_, back)) return end_quiesced(why.message);
    retire(new_, back);
    return settle(SwapOutcome::rolled_back, old_, why.message);
  }
  if (new_->state() != PluginState::given_up && is_started(new_->state())) {
    PluginCalls::give_up(new_, "a handler");  // it started, and then hung in an event that was held for it
  }
  if (!restart_old()) return end_stuck(why.message);
  if (old_->state() == PluginState::quiesced) return end_quiesced(why.message);
  retire(new_, back);
  settle(SwapOutcome::rolled_back, old_, why.message);
}

/// Nothing to do for one that began anew.
Result<void> Swap::resume(const Instance& instance, SwapDirection direction) {
  if (instance->state() != PluginState::quiesced) return {};
  auto resumed = step("resume", direction, [&](std::string&) {
    Result<void> done;
    for (int attempt = 0; attempt < resume_attempts; ++attempt) {
      if (attempt > 0) std::this_thread::sleep_for(between_attempts);
      done = parts_.calls.call(instance, "resume()", request_.timeout,
                               [](PluginInstance& plugin) { return plugin.resume(); });
      if (done || instance->state() != PluginState::quiesced) break;
    }
    return done;
  });
  if (!resumed) record_.change([&](SwapReport& report) { report.reason = resumed.error().message; });
  return resumed;
}

/// With `state_`, its own or the one that the new version saved.
bool Swap::restart_old() {
  if (old_->state() != PluginState::configured) return false;
  (void)exchange_routes(new_, old_, back);
  if (hands_over_) {
    (void)step("load_state", back, [&](std::string&) {
      return parts_.calls.call(old_, "load()", request_.timeout,
                               [state = state_](PluginInstance& plugin) { return plugin.load(state); });
    });  // if it cannot read its state, it begins anew: better than not at all
  }
  old_->side().set_deposits(deposits_.get());
  auto started = step("start", back, [&](std::string&) {
    return parts_.calls.call(old_, "start()", request_.timeout, [](PluginInstance& plugin) { return plugin.start(); });
  });
  if (!started) return false;
  parts_.set_running(old_);
  if (hold_ != nullptr) {
    (void)release(old_, back);
  } else {
    parts_.services.bus.unpark(old_->owner());
  }
  (void)resume(old_, back);
  release_deposits();
  return true;
}

void Swap::end_stuck(const std::string& why) {
  if (hold_ != nullptr) {
    const auto released = hold_->release_to(0, steady_clock::now() + request_.timeout);
    record_.change([&](SwapReport& report) { report.events_refused += released.events; });
    hold_.reset();
  }
  release_deposits();
  if (new_ != nullptr) retire(new_, back);
  std::string reason = why;
  reason += "; the old version could not be started again: no version of the plugin works";
  settle(SwapOutcome::stuck, nullptr, reason);
}

/// It handles events, and takes nothing in from outside; its health says so. Another swap may still help.
void Swap::end_quiesced(const std::string& why) {
  if (old_->state() == PluginState::given_up) return end_stuck(why);
  if (new_ != nullptr) retire(new_, back);
  settle(SwapOutcome::stuck, old_, why + "; the old version goes on, but takes nothing in from outside any more");
}

void Swap::back_from_probation(const std::string& why) {
  record_.change([&](SwapReport& report) { report.reason = why; });
  record_.settle(SwapOutcome::running);
  deposits_ = std::make_shared<DepositBox>();
  take_from_new();
  if (!restart_old()) return end_stuck(why);
  if (old_->state() == PluginState::quiesced) return end_quiesced(why);
  retire(new_, back);
  settle(SwapOutcome::rolled_back, old_, why);
}

/// Its events are held for the old version first, so that none reaches nobody. `state_` becomes what it made; if it
/// cannot give that, the old version goes on from its own last state.
void Swap::take_from_new() {
  if (hands_over_ && !new_lost_) quiesce_new();
  const bool held = flip(new_, old_, back).ok();
  if (new_lost_ || !held) return PluginCalls::give_up(new_, held ? "a call within its probation" : "a handler");
  if (hands_over_ && new_->state() == PluginState::quiesced && save_new()) return;
  if (new_->state() == PluginState::given_up) return;
  (void)step("save", back, [&](std::string& detail) -> Result<void> {
    detail = "stopped; the old version goes on from its own last state";
    return parts_.calls.call(new_, "stop()", with_grace(), [](PluginInstance& plugin) { return plugin.stop(); });
  });
  if (is_started(new_->state())) PluginCalls::give_up(new_, "stop()");
}

void Swap::quiesce_new() {
  (void)step("quiesce", back, [&](std::string&) -> Result<void> {
    auto done = parts_.calls.call_patiently<Result<void>>(
        new_, "quiesce()", with_grace(),
        [limit = request_.timeout](PluginInstance& plugin) { return plugin.quiesce(limit); });
    new_lost_ = !done;
    if (new_lost_) return Failure{AGENT_E_TIMEOUT, "the new version did not return from quiesce() in time"};
    return std::move(*done);
  });
}

bool Swap::save_new() {
  return step("save", back,
              [&](std::string&) -> Result<void> {
                auto state = save(new_, old_description_);
                if (!state) return state.error();
                state_ = std::move(state).value();
                return {};
              })
      .ok();
}

}  // namespace host_stub
