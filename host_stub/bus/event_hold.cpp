// The thread that holds and releases.
#include "bus/event_hold.h"

#include <optional>
#include <string>
#include <utility>

#include "bus/bus_core.h"
#include "bus/event_bus.h"
#include "bus/patience.h"
#include "bus/reading.h"
#include "bus/redirecting.h"

namespace host_stub {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds patience_when_undone{500};
constexpr std::chrono::milliseconds patience_at_the_end{100};
constexpr std::size_t events_per_reading = 64;  // while it reads, nothing that was removed from the bus is freed

}  // namespace

/// Of one release.
struct EventHold::Progress {
  std::uint64_t number;  ///< of the release
  Released released{};
  std::optional<HeldEvents::Item> item{};  ///< is in progress
};

EventHold::EventHold(std::shared_ptr<BusCore> core, std::shared_ptr<HeldEvents> events) noexcept
    : core_(std::move(core)), events_(std::move(events)), since_(steady_clock::now()) {}

Result<std::unique_ptr<EventHold>> EventHold::begin(EventBus& bus, std::uint64_t from, std::uint64_t to,
                                                    HoldLimits limits, Time deadline, bool forced) {
  auto events = std::make_shared<HeldEvents>(*bus.core_, from, to, limits);
  std::unique_ptr<EventHold> hold(new EventHold(bus.core_, events));
  const std::int32_t status = bus.core_->begin_hold(events, deadline, forced);
  if (status == AGENT_OK) return hold;
  if (status == AGENT_E_STATE) {
    return Failure{status, "a hold of the events of instance " + std::to_string(from) + " or " + std::to_string(to) +
                               " is in place already"};
  }
  const Released undone = hold->release_to(from, steady_clock::now() + patience_when_undone);
  return Failure{status, "a handler of instance " + std::to_string(from) +
                             " did not return in time, so its events go on reaching it; " +
                             std::to_string(undone.events) + " came meanwhile"};
}

EventHold::~EventHold() {
  try {
    if (core_->is_active(*events_)) release_to(events_->from(), steady_clock::now() + patience_at_the_end);
  } catch (const std::exception&) {  // memory is short: events stay where they are
  }
}

EventHold::Released EventHold::release_to(std::uint64_t owner, Time deadline) {
  Progress progress{events_->start_release()};
  core_->revive(owner);
  while (!core_->end_hold(*events_, progress.number, owner)) {
    if (!events_->is_current(progress.number)) break;
    if (owner == 0) {
      fail_all(progress);
    } else {
      run_round(owner, deadline, progress);
    }
  }
  progress.released.superseded = !events_->is_current(progress.number);
  progress.released.held_for = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - since_);
  return progress.released;
}

void EventHold::fail_all(Progress& progress) {
  while (const auto item = events_->pop(progress.number)) {
    core_->complete(*item->block, AGENT_OUTCOME_FAILED, "no version of the plugin runs that it was for");
    ++progress.released.events;
  }
}

/// As many events as are queued at its beginning, at least. No event is in progress at its end.
void EventHold::run_round(std::uint64_t owner, Time deadline, Progress& progress) {
  const std::size_t queued = events_->queued();
  const std::uint64_t before = progress.released.events;
  Patience patience;
  while (progress.item || progress.released.events - before < queued) {
    if (offer_some(owner, deadline, progress)) {
      patience = {};
      if (!events_->is_current(progress.number)) return;
    } else {
      patience.wait();
    }
    if (steady_clock::now() >= deadline) events_->refuse_all();
  }
  if (events_->queued() * 2 > queued) events_->slow_publishers_down();
}

bool EventHold::offer_some(std::uint64_t owner, Time deadline, Progress& progress) {
  ThreadSlot& slot = slot_of_this_thread(*core_);
  const BusCore::Reading reading(*core_, slot);
  const std::vector<Subscription*> targets = core_->parked_of(owner);
  for (std::size_t count = 0; count < events_per_reading; ++count) {
    if (!progress.item) progress.item = events_->pop(progress.number);
    if (!progress.item) return true;
    const bool last_try = steady_clock::now() >= deadline || !events_->is_current(progress.number);
    BusCore::Offer offer{slot, *events_, targets, *progress.item, last_try};
    if (!core_->offer(offer)) return false;
    progress.item.reset();
    ++progress.released.events;
    if (offer.refused) ++progress.released.refused;
  }
  return true;
}

std::uint64_t EventHold::held() const noexcept { return events_->held(); }
std::uint64_t EventHold::refused_full() const noexcept { return events_->refused_full(); }

}  // namespace host_stub
