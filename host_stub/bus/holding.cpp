// Subscriptions that are parked, and the holds that take the place of live ones: the changes of the table.
#include "bus/holding.h"

#include <algorithm>

#include "bus/reading.h"

namespace host_stub {

bool BusCore::is_parked(std::uint64_t owner) const noexcept {
  return parked_.contains(owner) ||
         std::ranges::any_of(holds_, [&](const auto& active) { return active->events->concerns(owner); });
}

std::vector<Subscription*> BusCore::those_of(std::uint64_t owner, bool in_table) const {
  std::vector<Subscription*> found;
  for (const auto& each : subscriptions_) {
    if (each->owner == owner && each->in_table == in_table) found.push_back(each.get());
  }
  return found;
}

std::vector<Subscription*> BusCore::parked_of(std::uint64_t owner) const {
  const std::lock_guard lock(changes_);
  return those_of(owner, false);
}

std::int32_t BusCore::park(std::uint64_t owner) {
  const std::lock_guard lock(changes_);
  parked_.insert(owner);
  return AGENT_OK;
}

std::int32_t BusCore::unpark(std::uint64_t owner) {
  const std::lock_guard lock(changes_);
  if (std::ranges::any_of(holds_, [&](const auto& active) { return active->events->concerns(owner); })) {
    return AGENT_E_STATE;
  }
  parked_.erase(owner);
  const std::vector<Subscription*> in = those_of(owner, false);
  if (!in.empty()) put_into_table(in, {}, nullptr);
  return AGENT_OK;
}

void BusCore::put_into_table(std::span<Subscription* const> in, std::span<Subscription* const> out,
                             std::unique_ptr<Subscription> gone) {
  auto next = current_->exchange(out, in);
  for (Subscription* each : in) {
    each->in_table = true;
    each->reach.store(Reach::live, std::memory_order_seq_cst);
  }
  replace_table(std::move(next), std::move(gone));
}

std::int32_t BusCore::begin_hold(const std::shared_ptr<HeldEvents>& hold,
                                 std::chrono::steady_clock::time_point deadline, bool forced) {
  ThreadSlot& mine = slot_of_this_thread(*this);
  const Reading reading(*this, mine);  // keeps the subscriptions until the wait is over
  std::vector<Subscription*> replaced;
  {
    const std::lock_guard lock(changes_);
    const bool taken = std::ranges::any_of(holds_, [&](const auto& active) {
      return active->events->concerns(hold->from()) || active->events->concerns(hold->to());
    });
    if (taken || hold->from() == hold->to()) return AGENT_E_STATE;
    replaced = replace_by_hold(hold);
  }
  if (forced) return AGENT_OK;
  for (const Subscription* each : replaced) {
    if (wait_until_not_called(*each, &mine, deadline) == Wait::idle) continue;
    const std::lock_guard lock(changes_);
    for (const auto& active : holds_) active->undoing |= active->events == hold;
    return AGENT_E_TIMEOUT;
  }
  return AGENT_OK;
}

std::vector<Subscription*> BusCore::replace_by_hold(const std::shared_ptr<HeldEvents>& hold) {
  std::vector<Subscription*> replaced = those_of(hold->from(), true);
  auto active = std::make_unique<ActiveHold>();
  active->events = hold;
  active->stands_for = std::make_unique<Subscription>();
  Subscription& in_place = *active->stands_for;
  in_place.name = "(the host, while a version takes over)";
  in_place.context = hold.get();
  in_place.on_event = HeldEvents::on_event;
  in_place.is_hold = hold;
  if (!replaced.empty()) in_place.token = replaced.front()->token;
  for (const Subscription* each : replaced) {
    in_place.patterns.insert(in_place.patterns.end(), each->patterns.begin(), each->patterns.end());
  }
  Subscription* const in[] = {&in_place};
  auto next = current_->exchange(replaced, in);
  hold->stand_for(replaced, next->generation());
  holds_.push_back(std::move(active));
  for (Subscription* each : replaced) {
    each->hold.store(hold.get(), std::memory_order_seq_cst);
    each->held_since.store(next->generation(), std::memory_order_seq_cst);
    each->in_table = false;
  }
  replace_table(std::move(next), nullptr, replaced);
  return replaced;
}

void BusCore::revive(std::uint64_t owner) {
  const std::lock_guard lock(changes_);
  for (Subscription* each : those_of(owner, false)) each->reach.store(Reach::live, std::memory_order_seq_cst);
}

bool BusCore::is_active(const HeldEvents& hold) const {
  const std::lock_guard lock(changes_);
  return std::ranges::any_of(holds_, [&](const auto& active) { return active->events.get() == &hold; });
}

bool BusCore::end_hold(HeldEvents& hold, std::uint64_t release, std::uint64_t owner) {
  const std::lock_guard lock(changes_);
  const auto place = std::ranges::find_if(holds_, [&](const auto& active) { return active->events.get() == &hold; });
  if (place == holds_.end()) return true;
  std::vector<Subscription*> in = owner == 0 ? std::vector<Subscription*>{} : those_of(owner, false);
  if (!hold.try_pass(release, in)) return false;
  const std::uint64_t other = owner == hold.from() ? hold.to() : hold.from();
  if (!(*place)->undoing) {
    parked_.insert({hold.from(), hold.to()});
  } else if (!parked_.contains(other)) {
    for (Subscription* each : those_of(other, false)) in.push_back(each);
  }
  parked_.erase(owner);
  Subscription* const out[] = {(*place)->stands_for.get()};
  put_into_table(in, out, std::move((*place)->stands_for));
  holds_.erase(place);
  return true;
}

/// `owner` is given up, and with it the release to its handlers that a thread may hang in. Publishers are told BUSY.
void BusCore::end_undone_hold(std::uint64_t owner) {
  std::shared_ptr<HeldEvents> hold;
  {
    const std::lock_guard lock(changes_);
    for (const auto& active : holds_) {
      if (active->undoing && active->events->from() == owner) hold = active->events;
    }
  }
  if (hold == nullptr) return;
  const std::uint64_t release = hold->start_release();
  hold->refuse_all();
  do {
    while (const auto item = hold->pop(release)) complete(*item->block, AGENT_OUTCOME_BUSY, {});
  } while (!end_hold(*hold, release, owner) && hold->is_current(release));
}

}  // namespace host_stub
