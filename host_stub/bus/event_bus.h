// The host's event bus: what "agent.event_bus/1" offers (agent_plugin/ext/event_bus.h has the semantics), with the
// ABI's own types, so that nothing is converted between a plugin and the bus.
//
//   EventBus bus({.wallet_id = "base"});
//   std::uint64_t token = 0;
//   bus.subscribe(subscription, owner, &token, &error);
//   bus.publish(draft, publisher, nullptr, nullptr, &error);       // calls the handlers, on this thread
//   …
//   bus.close();
//   bus.wait_idle(std::chrono::steady_clock::now() + std::chrono::seconds(10));
//
// A publish takes no lock and, once warm, allocates nothing: topics are looked up in a bounded cache, events come from
// a pool with a list per thread. Subscribing and unsubscribing replace an immutable table and never hold publishers up.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "agent_plugin/ext/event_bus.h"

namespace host_stub {

class BusCore;
class EventHold;

/// Who publishes: the number that becomes agent_event.publisher, and, if somebody wants to know, how many of its events
/// with a completion have outlived publish() and were not told yet. That counter must outlive them all.
struct Publisher {
  // A plain number is a publisher nobody asks about. NOLINTNEXTLINE(google-explicit-constructor)
  Publisher(std::uint64_t instance, std::atomic<std::uint64_t>* outstanding_completions = nullptr) noexcept
      : number(instance), outstanding(outstanding_completions) {}
  std::uint64_t number;
  std::atomic<std::uint64_t>* outstanding;
};

struct EventBusOptions {
  std::size_t max_payload_bytes = 8u << 20;  ///< also bounds all else that an event carries, taken together
  std::string wallet_id{};                   ///< the tenant of events that name none
  std::size_t max_cached_topics = 65'536;    ///< rounded up to a power of two; more topics replace, none is refused
};

/// Counts since the start unless said otherwise. Taken without stopping anybody: exact only while nobody publishes.
struct BusStatistics {
  std::uint64_t published = 0;      ///< successful calls of publish()
  std::uint64_t handler_calls = 0;  ///< handlers called
  std::uint64_t handlers_failed =
      0;  ///< of these, failed (answered FAILED, threw, answered nonsense, completed as failed)
  std::uint64_t handlers_busy = 0;  ///< of these, did not take the event
  std::uint64_t in_flight = 0;      ///< now: events that wait for complete()
  std::uint64_t alive = 0;          ///< now: events that somebody still references
  std::uint64_t subscriptions = 0;  ///< now, parked ones too
  std::uint64_t cache_misses = 0;   ///< topics that had to be matched against the patterns
  std::uint64_t cached_topics = 0;  ///< now
  std::uint64_t pool_bytes = 0;     ///< now: memory that the event pool holds, used or not
};

/// What remove_all_of() found.
struct RemovedSubscriptions {
  std::size_t count = 0;
  bool idle = true;  ///< false: a call into one of the handlers was still running at the deadline
};

/// All functions may be called from any thread; none throws.
class EventBus {
 public:
  /// How deep handlers may publish within handlers, on one thread; deeper is refused with AGENT_E_STATE.
  static constexpr std::uint32_t max_nesting = 32;

  explicit EventBus(EventBusOptions options = {});
  /// No publish may be running, and none may follow. Events that are still referenced stay readable until given back.
  ~EventBus();
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;

  /// agent_event_bus.publish. `result`, `error`, `completion` may be null.
  std::int32_t publish(const agent_event_draft& draft, Publisher publisher, const agent_event_completion* completion,
                       agent_event_result* result, agent_error* error) noexcept;

  /// agent_event_bus.subscribe; `owner` is a plugin instance's number, or 0 for the host. AGENT_E_INVALID also for no
  /// pattern at all, and for patterns of more than 4096 bytes.
  std::int32_t subscribe(const agent_subscription& subscription, std::uint64_t owner, std::uint64_t* token,
                         agent_error* error) noexcept;

  /// agent_event_bus.unsubscribe. Waits without a deadline, as the contract has it.
  std::int32_t unsubscribe(std::uint64_t token) noexcept;

  /// Unsubscribes all of `owner` and waits until the deadline for calls that are running.
  RemovedSubscriptions remove_all_of(std::uint64_t owner, std::chrono::steady_clock::time_point deadline) noexcept;

  /// From now on what `owner` subscribes is parked: it has a token, and can be removed, but gets no event until a hold
  /// releases to it (event_hold.h) or unpark() is called. What it has subscribed already stays as it is.
  std::int32_t park(std::uint64_t owner) noexcept;
  /// What `owner` has parked becomes live, all at once, as does what it subscribes from now on. AGENT_E_STATE: it is part
  /// of a hold.
  std::int32_t unpark(std::uint64_t owner) noexcept;

  void defer(const agent_event* event, std::uint32_t more) noexcept;
  /// `detail` is cut after 1 KiB; an outcome that is none counts as failed.
  void complete(const agent_event* event, std::int32_t outcome, agent_text detail) noexcept;
  void complete_many(const agent_event* const* events, std::size_t count, std::int32_t outcome) noexcept;

  [[nodiscard]] std::uint32_t listeners(agent_text topic) noexcept;

  [[nodiscard]] BusStatistics statistics() const noexcept;

  /// From now on publish() answers AGENT_E_STATE. Handlers keep their subscriptions, completions are still taken.
  void close() noexcept;

  /// Waits until no publish is running on another thread and every LATER was completed. False: the deadline passed
  /// first.
  bool wait_idle(std::chrono::steady_clock::time_point deadline) const noexcept;

 private:
  friend class EventHold;
  std::shared_ptr<BusCore> core_;  // shared with the threads that have used it: their caches give it up when they end
};

}  // namespace host_stub
