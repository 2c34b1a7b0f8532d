// The take-over: from the old version's last own event to the new version's first.
#include "plugins/swap.h"

#include <algorithm>
#include <utility>

namespace host_stub {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds grace{2'000};  // for a call to come back after the time that it was given

std::string counted(std::uint64_t count, const char* what) { return std::to_string(count) + " " + what; }

}  // namespace

Swap::Swap(SwapParts parts, SwapRequest request, Instance running, SwapRecord& record)
    : parts_(std::move(parts)),
      request_(std::move(request)),
      record_(record),
      old_(std::move(running)),
      deposits_(std::make_shared<DepositBox>()) {
  const PluginInfo info = old_->info();
  file_ = request_.path.empty() ? std::filesystem::path(info.path) : request_.path;
  record_.change([&](SwapReport& report) {
    report.from = {info.version, info.build_id, info.path};
    report.to.path = file_.string();
    report.running = info.version;
  });
}

Swap::~Swap() = default;

Swap::Milliseconds Swap::with_grace() const noexcept { return request_.timeout + grace; }

void Swap::settle(SwapOutcome outcome, const Instance& running, const std::string& reason) {
  record_.change([&](SwapReport& report) {
    report.running = running == nullptr ? "" : running->info().version;
    if (!reason.empty()) report.reason = reason;
  });
  record_.settle(outcome);
}

void Swap::run() {
  Result<void> done = bring_in();
  if (done) done = take_over();
  if (!done) return way_back(done.error());
  if (auto resumed = resume(new_, forward); !resumed) return back_from_probation(resumed.error().message);
  release_deposits();
  settle(SwapOutcome::probation, new_, {});
  if (const auto why = watch_probation()) return back_from_probation(*why);
  retire(old_, forward);
  settle(SwapOutcome::swapped, new_, {});
}

Result<void> Swap::step(std::string_view name, SwapDirection direction, const Work& work) {
  if (direction == forward && parts_.ending(Milliseconds(0))) return Failure{AGENT_E_STATE, "the host is ending"};
  record_.begin(name, direction);
  std::string detail;
  Result<void> done = work(detail);
  record_.end(done ? StepOutcome::done : StepOutcome::failed, done ? std::move(detail) : done.error().message);
  return done;
}

Result<void> Swap::take_over() {
  if (hands_over_) {
    if (auto done = quiesce_old(); !done) return done;
  } else {
    record_.skip("quiesce", forward, "it begins anew: not both versions have agent.handover");
  }
  if (auto done = flip(old_, new_, forward); !done) return done;
  reached_ = Reached::held;
  if (auto done = hands_over_ ? save_old() : stop_old(); !done) return done;
  reached_ = Reached::saved;
  if (auto done = exchange_routes(old_, new_, forward); !done) return done;
  if (auto done = start_new(); !done) return done;
  if (auto done = release(new_, forward); !done) return done;
  parts_.set_running(new_);
  return {};
}

Result<void> Swap::quiesce_old() {
  ControlThread watcher("plugin-watch");
  const auto health = health_of(old_, watcher);
  old_was_ready_ = health && health->ready;  // one that cannot tell sets no standard
  return step("quiesce", forward, [&](std::string&) -> Result<void> {
    auto done = parts_.calls.call_patiently<Result<void>>(
        old_, "quiesce()", with_grace(),
        [limit = request_.timeout](PluginInstance& plugin) { return plugin.quiesce(limit); },
        [](PluginInstance& plugin, Result<void>& late) {
          if (late) (void)plugin.resume();
        });
    if (!done) {
      return Failure{AGENT_E_TIMEOUT, "the running version did not return from quiesce() in time, and goes on"};
    }
    if (*done) reached_ = Reached::quiesced;
    return std::move(*done);
  });
}

Result<void> Swap::flip(const Instance& from, const Instance& to, SwapDirection direction) {
  return step("flip", direction, [&](std::string&) -> Result<void> {
    flipped_ = steady_clock::now();
    auto held = begin_hold(from, to, new_lost_);
    if (held || direction == forward || new_lost_) return held;
    new_lost_ = true;  // one of its handlers hangs: its events are held at once, without it
    return begin_hold(from, to, true);
  });
}

Result<void> Swap::begin_hold(const Instance& from, const Instance& to, bool forced) {
  using Beginning = std::optional<Result<std::shared_ptr<EventHold>>>;
  const auto beginning = std::make_shared<Beginning>();
  const auto work = [beginning, &bus = parts_.services.bus, limits = request_.hold, limit = request_.timeout, forced,
                     from = from->owner(), to = to->owner()] {
    auto hold = EventHold::begin(bus, from, to, limits, steady_clock::now() + limit, forced);
    if (hold) {
      beginning->emplace(std::shared_ptr<EventHold>(std::move(hold).value()));
    } else {
      beginning->emplace(hold.error());
    }
  };
  if (!bus_thread_.run(work, steady_clock::now() + with_grace())) {
    return Failure{AGENT_E_TIMEOUT, "a handler of the plugin does not return"};
  }
  if (!**beginning) return (*beginning)->error();
  hold_ = (*beginning)->value();
  return {};
}

Result<std::string> Swap::save(const Instance& from, const std::string& other) {
  from->side().set_deposits(deposits_.get());
  const SaveCall call{revision_, request_.timeout, request_.close_connections, other};
  auto saved = parts_.calls.call<Result<std::string>>(from, "save()", with_grace(),
                                                      [call](PluginInstance& plugin) { return plugin.save(call); });
  if (!saved) return PluginCalls::timed_out(*from, "save()", with_grace());
  return std::move(*saved);
}

Result<void> Swap::save_old() {
  return step("save", forward, [&](std::string& detail) -> Result<void> {
    auto saved = save(old_, new_description_);
    if (!saved && saved.error().status != AGENT_E_TIMEOUT) return saved.error();
    if (!saved && old_->state() != PluginState::given_up) return saved.error();
    if (!saved) {
      old_lost_ = true;
      detail = saved.error().message;
      detail += "; the new version begins anew";
      record_.change([&](SwapReport& report) { report.reason = detail; });
      return {};
    }
    state_ = std::move(saved).value();
    const std::size_t count = deposits_->size();
    record_.change([&](SwapReport& report) {
      report.state_bytes = state_.size();
      report.deposits = count;
      if (count > 0) report.handles = "taken over";
      if (count == 0 && !old_description_.empty()) report.handles = "made anew";
    });
    detail = counted(state_.size(), "bytes, ").append(counted(count, "deposits"));
    return {};
  });
}

Result<void> Swap::stop_old() {
  return step("save", forward, [&](std::string& detail) -> Result<void> {
    auto drained = parts_.calls.call<PluginDrain>(
        old_, "drain()", with_grace(),
        [limit = request_.timeout](PluginInstance& plugin) { return plugin.drain(limit); });
    Result<void> stopped;
    if (drained) {
      stopped = parts_.calls.call(old_, "stop()", with_grace(), [](PluginInstance& plugin) { return plugin.stop(); });
    }
    old_lost_ = old_->state() == PluginState::given_up;
    if (!old_lost_ && !stopped) return stopped;
    detail = old_lost_ ? "it did not return from drain() or stop() and is given up; the new version begins anew"
             : drained->message.empty() ? "drained and stopped; it begins anew"
                                        : drained->message;
    record_.change([&](SwapReport& report) { report.reason = detail; });
    return {};
  });
}

Result<void> Swap::exchange_routes(const Instance& from, const Instance& to, SwapDirection direction) {
  return step("routes", direction, [&](std::string&) -> Result<void> {
    return parts_.services.routes.exchange(from->owner(), to->owner());
  });
}

Result<void> Swap::start_new() {
  if (hands_over_ && !old_lost_) {
    auto loaded = step("load_state", forward, [&](std::string&) {
      return parts_.calls.call(new_, "load()", request_.timeout,
                               [state = state_](PluginInstance& plugin) { return plugin.load(state); });
    });
    if (!loaded) return loaded;
  } else {
    record_.skip("load_state", forward, old_lost_ ? "the old version was lost" : "it begins anew");
  }
  new_->side().set_deposits(deposits_.get());
  return step("start", forward, [&](std::string&) {
    return parts_.calls.call(new_, "start()", request_.timeout, [](PluginInstance& plugin) { return plugin.start(); });
  });
}

Result<void> Swap::release(const Instance& to, SwapDirection direction) {
  return step("release", direction, [&](std::string& detail) -> Result<void> {
    const auto answer = std::make_shared<EventHold::Released>();
    const auto work = [answer, hold = hold_, owner = to->owner(), limit = request_.timeout] {
      *answer = hold->release_to(owner, steady_clock::now() + limit);
    };
    if (!bus_thread_.run(work, steady_clock::now() + with_grace())) {
      return Failure{AGENT_E_TIMEOUT, "a handler did not return from an event that was held"};
    }
    const auto pause = std::chrono::duration<double, std::milli>(steady_clock::now() - flipped_).count();
    const std::uint64_t refused = answer->refused + hold_->refused_full();
    hold_.reset();
    record_.change([&](SwapReport& report) {
      report.events_held += answer->events;
      report.events_refused += refused;
      report.pause_ms = std::max(report.pause_ms, pause);
    });
    detail = counted(answer->events, "events held, ").append(counted(refused, "refused"));
    return {};
  });
}

}  // namespace host_stub
