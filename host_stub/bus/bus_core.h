// The bus behind EventBus. It outlives the EventBus as long as threads hold slots in it, or events were not given back.
//
// Who frees what a reader may still see? A publish announces the epoch in which it began to read, in its thread's slot.
// Whatever is taken out of the table or the cache is stamped with the epoch that ends then, and is freed when every
// announced epoch is a later one. Nobody waits for that; what cannot be freed yet is tried again at the next change.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "bus/asymmetric_fence.h"
#include "bus/event_block.h"
#include "bus/event_bus.h"
#include "bus/event_hold.h"
#include "bus/held_events.h"
#include "bus/subscription_table.h"
#include "bus/thread_slot.h"
#include "bus/topic_cache.h"
#include "bus/topic_hash.h"

namespace host_stub {

/// How the handlers of one event answered within publish().
struct Handled {
  std::uint32_t called = 0;
  std::uint32_t failed = 0;
  std::uint32_t busy = 0;
  std::uint32_t later = 0;

  [[nodiscard]] agent_event_result result() const noexcept {
    const std::int32_t outcome = failed > 0 ? AGENT_OUTCOME_FAILED : busy > 0 ? AGENT_OUTCOME_BUSY : AGENT_OUTCOME_DONE;
    return {sizeof(agent_event_result), outcome, called, busy, failed, 0, {nullptr, 0}};
  }
};

class BusCore : public std::enable_shared_from_this<BusCore> {
 public:
  static constexpr std::size_t max_topic_bytes = 1024;

  explicit BusCore(EventBusOptions options);
  ~BusCore();
  BusCore(const BusCore&) = delete;
  BusCore& operator=(const BusCore&) = delete;

  // ---- publishing.cpp, topic_lookup.h ----
  std::int32_t publish(const agent_event_draft& draft, Publisher publisher, const agent_event_completion* completion,
                       agent_event_result* result, agent_error* error);
  std::uint32_t listeners(std::string_view topic);

  // ---- event_completion.cpp ----
  void complete(EventBlock& block, std::int32_t outcome, std::string_view detail) noexcept;
  void complete_many(const agent_event* const* events, std::size_t count, std::int32_t outcome) noexcept;
  static void drop_reference(EventBlock& block, ThreadSlot& slot) noexcept;

  // ---- bus_core.cpp ----
  std::uint64_t add(std::unique_ptr<Subscription> subscription);
  std::int32_t remove(std::uint64_t token);
  RemovedSubscriptions remove_all_of(std::uint64_t owner, std::chrono::steady_clock::time_point deadline);
  [[nodiscard]] BusStatistics statistics() const noexcept;
  void close() noexcept;
  /// The EventBus is gone. What is left stays until the last event was given back.
  void retire_bus() noexcept;
  void free_if_unused() noexcept;
  [[nodiscard]] bool is_retired() const noexcept { return retired_bus_.load(std::memory_order_acquire); }
  [[nodiscard]] bool wait_idle(std::chrono::steady_clock::time_point deadline, const ThreadSlot& mine) const noexcept;

  // ---- holding.cpp: subscriptions that are parked, and the holds that replace them ----
  std::int32_t park(std::uint64_t owner);
  std::int32_t unpark(std::uint64_t owner);
  /// AGENT_E_STATE: one of the two is part of a hold already. AGENT_E_TIMEOUT: it is in place, but a call into a handler
  /// that it has replaced still ran at the deadline; what follows can only be a release to `from`.
  std::int32_t begin_hold(const std::shared_ptr<HeldEvents>& hold, std::chrono::steady_clock::time_point deadline,
                          bool forced);
  /// Makes those handlers of `owner` callable again that a hold has replaced.
  void revive(std::uint64_t owner);
  [[nodiscard]] std::vector<Subscription*> parked_of(std::uint64_t owner) const;
  /// True: the hold is over, what `owner` has parked is in the table. False: events are still queued.
  bool end_hold(HeldEvents& hold, std::uint64_t release, std::uint64_t owner);
  [[nodiscard]] bool is_active(const HeldEvents& hold) const;

  // ---- redirecting.cpp ----
  /// For a hold that passes: calls its handlers and sums their answers up in one. Throws std::bad_alloc.
  std::int32_t pass_on(ThreadSlot& slot, const HeldEvents& hold, EventBlock& block, std::uint64_t first);
  /// Gives a held event to the handlers among `targets` that have not had it. False: one is busy (`item` knows which);
  /// with `last_try` that is taken for an answer. True: its handling by the hold has ended.
  struct Offer;
  bool offer(Offer& offer);

  // ---- thread_slot.cpp ----
  ThreadSlot& take_slot();
  static void give_slot_back(ThreadSlot& slot) noexcept { slot.in_use.store(false, std::memory_order_release); }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

  class Reading;

 private:
  struct Lookup;
  struct Stale;
  struct ActiveHold;
  enum class Wait : std::uint8_t { idle, deadline_passed };

  [[nodiscard]] Lookup look_up(ThreadSlot& slot, std::string_view topic);
  [[nodiscard]] Lookup match(ThreadSlot& slot, const SubscriptionTable& table, std::string_view topic,
                             std::uint64_t hash);
  void call_handlers(ThreadSlot& slot, const CachedTopic& topic, EventBlock& block, Handled& handled);
  void call_redirected(const Stale& stale, std::size_t at, const void* before, Handled& handled);
  void settle(ThreadSlot& slot, EventBlock& block, std::uint64_t shares, const Handled& handled) noexcept;
  void finish_own_removal(ThreadSlot& slot, const Subscription& subscription) noexcept;
  static void end_handlings(EventBlock& block) noexcept;
  static void open_event(EventBlock& block, ThreadSlot& slot) noexcept;
  static void close_event(EventBlock& block) noexcept;
  std::uint64_t reserve_id(ThreadSlot& slot) noexcept;

  void retire(ThreadSlot& slot, CachedTopic* entry);
  [[nodiscard]] std::uint64_t oldest_reader() const noexcept;
  /// `held` are marked once no publisher finds them any more.
  void replace_table(std::unique_ptr<const SubscriptionTable> next, std::unique_ptr<Subscription> removed,
                     std::span<Subscription* const> held = {});
  std::unique_ptr<Subscription> take_out(Subscription& subscription) noexcept;
  [[nodiscard]] std::vector<Subscription*> those_of(std::uint64_t owner, bool in_table) const;  // changes_ is locked
  [[nodiscard]] bool is_parked(std::uint64_t owner) const noexcept;                             // likewise
  void put_into_table(std::span<Subscription* const> in, std::span<Subscription* const> out,
                      std::unique_ptr<Subscription> gone);                              // likewise
  std::vector<Subscription*> replace_by_hold(const std::shared_ptr<HeldEvents>& hold);  // likewise
  void end_undone_hold(std::uint64_t owner);
  [[nodiscard]] Wait wait_until_not_called(const Subscription& subscription, const ThreadSlot* except,
                                           std::chrono::steady_clock::time_point deadline) const noexcept;

  // Read at every publish, written when the table changes.
  std::atomic<const SubscriptionTable*> table_;
  std::atomic<std::uint64_t> epoch_{1};
  std::atomic<bool> closed_{false};
  const bool cheap_;  // membarrier is there
  const EventBusOptions options_;
  const std::uint64_t id_;      // of this bus, in this process
  const std::uint64_t seed_;    // of topic hashes
  const std::uint64_t prefix_;  // of event ids
  TopicCache cache_;
  std::atomic<ThreadSlot*> slots_{nullptr};  // grows at its head, never shrinks
  std::atomic<bool> retired_bus_{false};

  alignas(64) std::atomic<std::uint64_t> next_id_{0};

  // Guarded by changes_: whoever subscribes or unsubscribes.
  struct Retired {
    std::uint64_t epoch;
    std::unique_ptr<const SubscriptionTable> table;
    std::unique_ptr<Subscription> subscription;
  };
  mutable std::mutex changes_;
  std::unique_ptr<const SubscriptionTable> current_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;  // by token
  std::vector<Retired> retired_;
  std::vector<std::unique_ptr<ActiveHold>> holds_;
  std::set<std::uint64_t> parked_;  // owners whose subscriptions are parked, besides those of active holds
  std::uint64_t last_token_ = 0;

  std::mutex registration_;        // threads that use the bus for the first time; the end
  std::shared_ptr<BusCore> self_;  // guarded by registration_; set while only events keep this alive
};

}  // namespace host_stub
