// What changes seldom: subscriptions come and go, the bus closes, and what nobody reads any more is freed.
#include "bus/bus_core.h"

#include <algorithm>
#include <limits>
#include <random>

#include "bus/holding.h"
#include "bus/patience.h"
#include "bus/reading.h"

namespace host_stub {
namespace {

std::uint64_t random_word() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

std::uint64_t next_bus_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

BusCore::BusCore(EventBusOptions options)
    : cheap_(membarrier_available()),
      options_(std::move(options)),
      id_(next_bus_id()),
      seed_(random_word()),
      prefix_(random_word()),
      cache_(options_.max_cached_topics),
      current_(std::make_unique<const SubscriptionTable>(seed_)) {
  table_.store(current_.get(), std::memory_order_seq_cst);
}

BusCore::~BusCore() {
  for (ThreadSlot* slot = slots_.load(std::memory_order_acquire); slot != nullptr;) {
    delete std::exchange(slot, slot->next);
  }
}

std::uint64_t BusCore::add(std::unique_ptr<Subscription> subscription) {
  const std::lock_guard lock(changes_);
  const std::uint64_t token = ++last_token_;
  subscription->token = token;
  subscription->in_table = !is_parked(subscription->owner);
  subscriptions_.reserve(subscriptions_.size() + 1);
  auto next = subscription->in_table ? current_->with(*subscription) : nullptr;
  subscriptions_.push_back(std::move(subscription));
  if (next != nullptr) replace_table(std::move(next), nullptr);
  return token;
}

std::int32_t BusCore::remove(std::uint64_t token) {
  ThreadSlot& mine = slot_of_this_thread(*this);
  const Reading reading(*this, mine);  // keeps the subscription until the wait is over
  const Subscription* removed = nullptr;
  {
    const std::lock_guard lock(changes_);
    const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                    [&](const auto& held) { return held->token == token; });
    if (found == subscriptions_.end()) return AGENT_E_NOT_FOUND;
    removed = found->get();
    auto next = current_->without(*removed);
    replace_table(std::move(next), take_out(**found));
  }
  if (mine.is_calling(removed)) {
    mine.removed_itself = true;
  } else {
    (void)wait_until_not_called(*removed, &mine, std::chrono::steady_clock::time_point::max());
  }
  return AGENT_OK;
}

RemovedSubscriptions BusCore::remove_all_of(std::uint64_t owner, std::chrono::steady_clock::time_point deadline) {
  ThreadSlot& mine = slot_of_this_thread(*this);
  const Reading reading(*this, mine);
  std::vector<Subscription*> removed;
  {
    const std::lock_guard lock(changes_);
    for (const auto& held : subscriptions_) {
      if (held->owner == owner) removed.push_back(held.get());
    }
    for (Subscription* subscription : removed) {
      auto next = current_->without(*subscription);
      replace_table(std::move(next), take_out(*subscription));
    }
    parked_.erase(owner);
  }
  RemovedSubscriptions answer{removed.size(), true};
  end_undone_hold(owner);
  for (const Subscription* subscription : removed) {
    if (mine.is_calling(subscription)) mine.removed_itself = true;
    if (wait_until_not_called(*subscription, &mine, deadline) == Wait::deadline_passed) answer.idle = false;
  }
  return answer;
}

std::unique_ptr<Subscription> BusCore::take_out(Subscription& subscription) noexcept {
  subscription.reach.store(Reach::removed, std::memory_order_seq_cst);
  const auto place = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                  [&](const auto& held) { return held.get() == &subscription; });
  std::unique_ptr<Subscription> taken = std::move(*place);
  subscriptions_.erase(place);
  return taken;
}

/// After this no publisher that begins finds `removed`, and every one that may have found it is to be seen in its slot.
/// `held` are marked after the table was replaced: whose event goes to the hold by such a mark finds the hold itself at
/// its next event, so none of one thread's events overtakes another.
void BusCore::replace_table(std::unique_ptr<const SubscriptionTable> next, std::unique_ptr<Subscription> removed,
                            std::span<Subscription* const> held) {
  retired_.reserve(retired_.size() + 1);
  table_.store(next.get(), std::memory_order_seq_cst);
  for (Subscription* each : held) each->reach.store(Reach::held, std::memory_order_seq_cst);
  std::swap(current_, next);
  barrier_everywhere(cheap_);
  const std::uint64_t epoch = epoch_.fetch_add(1, std::memory_order_seq_cst);
  retired_.push_back({epoch, std::move(next), std::move(removed)});
  const std::uint64_t oldest = oldest_reader();
  std::erase_if(retired_, [&](const Retired& retired) { return retired.epoch < oldest; });
}

std::uint64_t BusCore::oldest_reader() const noexcept {
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (const ThreadSlot* slot = slots_.load(std::memory_order_seq_cst); slot != nullptr; slot = slot->next) {
    const std::uint64_t epoch = slot->epoch.load(std::memory_order_seq_cst);
    if (epoch != 0) oldest = std::min(oldest, epoch);
  }
  return oldest;
}

BusCore::Wait BusCore::wait_until_not_called(const Subscription& subscription, const ThreadSlot* except,
                                             std::chrono::steady_clock::time_point deadline) const noexcept {
  Patience patience;
  for (const ThreadSlot* slot = slots_.load(std::memory_order_seq_cst); slot != nullptr; slot = slot->next) {
    while (slot != except && slot->is_calling(&subscription)) {
      if (std::chrono::steady_clock::now() >= deadline) return Wait::deadline_passed;
      patience.wait();
    }
  }
  return Wait::idle;
}

void BusCore::close() noexcept {
  closed_.store(true, std::memory_order_seq_cst);
  barrier_everywhere(cheap_);
}

bool BusCore::wait_idle(std::chrono::steady_clock::time_point deadline, const ThreadSlot& mine) const noexcept {
  Patience patience;
  for (;; patience.wait()) {
    // In this order: what is counted as closed was opened before, and who publishes still may open another.
    std::uint64_t closed = 0, opened = 0;
    bool publishing = false;
    ThreadSlot* const slots = slots_.load(std::memory_order_seq_cst);
    for (const ThreadSlot* slot = slots; slot != nullptr; slot = slot->next) closed += slot->closed.load();
    for (const ThreadSlot* slot = slots; slot != nullptr; slot = slot->next) {
      publishing |= slot != &mine && slot->epoch.load(std::memory_order_seq_cst) != 0;
    }
    for (const ThreadSlot* slot = slots; slot != nullptr; slot = slot->next) opened += slot->opened.load();
    if (!publishing && closed == opened) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
  }
}

BusStatistics BusCore::statistics() const noexcept {
  BusStatistics sum;
  std::uint64_t closed = 0, freed = 0, opened = 0, allocated = 0;
  for (const ThreadSlot* slot = slots_.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
    closed += slot->closed.load();
    freed += slot->freed.load();
  }
  for (const ThreadSlot* slot = slots_.load(std::memory_order_acquire); slot != nullptr; slot = slot->next) {
    opened += slot->opened.load();
    allocated += slot->allocated.load();
    sum.published += slot->published.load();
    sum.handler_calls += slot->handler_calls.load();
    sum.handlers_failed += slot->failed.load();
    sum.handlers_busy += slot->busy.load();
    sum.cache_misses += slot->misses.load();
    sum.pool_bytes += slot->pool.bytes();
  }
  sum.in_flight = opened - closed;
  sum.alive = allocated - freed;
  sum.cached_topics = cache_.size();
  const std::lock_guard lock(changes_);
  sum.subscriptions = subscriptions_.size();
  return sum;
}

void BusCore::retire_bus() noexcept {
  close();
  {
    const std::lock_guard lock(registration_);
    self_ = shared_from_this();
    retired_bus_.store(true, std::memory_order_release);
  }
  free_if_unused();
}

void BusCore::free_if_unused() noexcept {
  std::shared_ptr<BusCore> last;
  {
    const std::lock_guard lock(registration_);
    if (statistics().alive == 0) last.swap(self_);
  }
}

}  // namespace host_stub
