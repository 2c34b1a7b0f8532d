// The events that a hold keeps back, and where they go once it ends. Publishers come here only while a hold is in
// place: they find the hold's own subscription in the table, or they follow one that it has replaced (redirecting.cpp).
//
//   holding:   events are queued, in order, up to a limit
//   releasing: one thread takes them out in front; publishers still queue behind, but wait a little before they do, so
//              that the queue comes to its end. Nobody waits for longer than max_pause, whatever the handlers do.
//   passing:   the queue is empty for good; publishers call the new handlers themselves
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bus/event_block.h"
#include "bus/event_hold.h"
#include "bus/subscription_table.h"
#include "bus/thread_slot.h"

namespace host_stub {

class HeldEvents {
 public:
  static constexpr std::chrono::microseconds shortest_pause{100};
  static constexpr std::chrono::microseconds max_pause{1000};

  /// One event. It stays alive because its handling has not ended (AGENT_HANDLER_LATER).
  struct Item {
    EventBlock* block = nullptr;
    std::size_t bytes = 0;
    std::uint64_t first = 0;   ///< handlers of `from` with smaller tokens were called by the publisher
    std::uint64_t resume = 0;  ///< handlers with smaller tokens were called by the release
  };
  struct Counts {
    std::uint64_t released = 0;
    std::uint64_t refused = 0;
  };

  HeldEvents(BusCore& core, std::uint64_t from, std::uint64_t to, HoldLimits limits)
      : core_(core), from_(from), to_(to), limits_(limits) {}
  HeldEvents(const HeldEvents&) = delete;
  HeldEvents& operator=(const HeldEvents&) = delete;

  /// Before it can be seen by publishers: what it stands for, and the generation of the table that it is in first.
  void stand_for(const std::vector<Subscription*>& replaced, std::uint64_t generation);

  [[nodiscard]] std::uint64_t from() const noexcept { return from_; }
  [[nodiscard]] std::uint64_t to() const noexcept { return to_; }
  [[nodiscard]] bool concerns(std::uint64_t owner) const noexcept { return owner == from_ || owner == to_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] bool covers(const Subscription& subscription) const noexcept;
  /// Is an event for this handler, seen from the hold? `first` as in Item.
  [[nodiscard]] bool is_for(const Subscription& target, std::string_view topic, std::uint64_t first) const;

  // ---- publishers ----

  /// What the hold answers in place of its handlers; AGENT_HANDLER_….
  std::int32_t take(ThreadSlot& slot, EventBlock& block, std::uint64_t first) noexcept;
  static std::int32_t on_event(void* context, const agent_event* event);
  /// Once it passes: the handlers that publishers call.
  [[nodiscard]] const std::vector<Subscription*>& targets() const noexcept { return targets_; }

  // ---- the thread that releases ----

  /// The number of this release; one that began earlier, and hangs in a handler, gets no more events.
  std::uint64_t start_release();
  [[nodiscard]] std::optional<Item> pop(std::uint64_t release);
  [[nodiscard]] bool is_current(std::uint64_t release) const;
  [[nodiscard]] std::size_t queued() const;
  void slow_publishers_down() noexcept;
  /// From now on every event is refused, so that the queue comes to its end.
  void refuse_all() noexcept;
  /// True: the queue was empty, and events now go to `targets`.
  bool try_pass(std::uint64_t release, std::vector<Subscription*> targets);

  // ---- any thread ----
  [[nodiscard]] std::uint64_t held() const noexcept { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refused_full() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Covered {  // a subscription that the hold has replaced; it may be gone by now
    const Subscription* subscription;
    std::uint64_t token;
    std::string name;
    std::vector<std::shared_ptr<const TopicPattern>> patterns;
  };
  std::optional<std::int32_t> keep(EventBlock& block, std::uint64_t first);
  [[nodiscard]] std::chrono::microseconds pause_before(std::size_t bytes) const;
  [[nodiscard]] bool has_room(std::size_t bytes) const;
  [[nodiscard]] bool was_called(std::string_view name, std::string_view topic, std::uint64_t first) const;

  BusCore& core_;
  const std::uint64_t from_;
  const std::uint64_t to_;
  const HoldLimits limits_;
  std::uint64_t generation_ = 0;  // constant once publishers see it, as is the next
  std::vector<Covered> covered_;  // by token

  std::atomic<bool> passing_{false};
  std::vector<Subscription*> targets_;  // written before passing_ is set, constant from then on
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> refused_{0};

  mutable std::mutex mutex_;
  std::condition_variable passes_;  // guarded by mutex_, as all that follows
  std::deque<Item> queue_;
  std::size_t bytes_ = 0;
  std::thread::id releaser_;  // publishes within handlers that it calls: it must not wait for itself
  std::uint64_t release_ = 0;
  std::chrono::microseconds pause_{0};
  bool refusing_ = false;
};

}  // namespace host_stub
