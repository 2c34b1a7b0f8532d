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
#include <span>
#include <string_view>
#include <vector>

#include "bus/asymmetric_fence.h"
#include "bus/event_block.h"
#include "bus/event_bus.h"
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
  std::int32_t publish(const agent_event_draft& draft, std::uint64_t publisher,
                       const agent_event_completion* completion, agent_event_result* result, agent_error* error);
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

  // ---- thread_slot.cpp ----
  ThreadSlot& take_slot();
  static void give_slot_back(ThreadSlot& slot) noexcept { slot.in_use.store(false, std::memory_order_release); }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

 private:
  class Reading;
  struct Lookup;
  enum class Wait : std::uint8_t { idle, deadline_passed };

  [[nodiscard]] Lookup look_up(ThreadSlot& slot, std::string_view topic);
  [[nodiscard]] Lookup match(ThreadSlot& slot, const SubscriptionTable& table, std::string_view topic,
                             std::uint64_t hash);
  void call_handlers(ThreadSlot& slot, std::span<Subscription* const> handlers, EventBlock& block, Handled& handled);
  void settle(ThreadSlot& slot, EventBlock& block, std::uint64_t shares, const Handled& handled) noexcept;
  void finish_own_removal(ThreadSlot& slot, const Subscription& subscription) noexcept;
  static void end_handlings(EventBlock& block) noexcept;
  std::uint64_t reserve_id(ThreadSlot& slot) noexcept;

  void retire(ThreadSlot& slot, CachedTopic* entry);
  [[nodiscard]] std::uint64_t oldest_reader() const noexcept;
  void replace_table(std::unique_ptr<const SubscriptionTable> next, std::unique_ptr<Subscription> removed);
  std::unique_ptr<Subscription> take_out(Subscription& subscription) noexcept;
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
  std::uint64_t last_token_ = 0;

  std::mutex registration_;        // threads that use the bus for the first time; the end
  std::shared_ptr<BusCore> self_;  // guarded by registration_; set while only events keep this alive
};

}  // namespace host_stub
