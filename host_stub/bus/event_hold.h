// Keeps the events of one plugin back while another version of it takes over:
//
//   bus.park(to);                                               // what it subscribes while it is prepared is not live
//   auto hold = EventHold::begin(bus, from, to, {}, deadline);  // no handler of `from` runs any more
//   …                                                           // save, load, start: `to` subscribes, parked
//   hold.value()->release_to(to, deadline);                     // gets what was held, in order, then all else directly
//
// An event reaches a handler of the one or of the other, once: also those whose publishing the beginning or the end of
// the hold came upon. Per publishing thread and topic the order is kept all the way. (If the flip comes upon an event
// that several handlers of `from` get, those of `to` with the names of the ones that were called do not get it again.)
//
// Publishing costs nothing more while there is no hold. While there is one, an event for it takes a mutex, and up to
// HeldEvents::max_pause (1 ms) longer when the hold is half full or being released: that is how it comes to its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/result.h"

namespace host_stub {

class BusCore;
class EventBus;
class HeldEvents;

struct HoldLimits {
  std::size_t max_events = 100'000;
  std::size_t max_bytes = 64u << 20;  ///< payloads and all else that the events carry
};

/// Functions belong to one thread at a time unless said otherwise; see release_to() for the exception.
class EventHold {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What a release did.
  struct Released {
    std::uint64_t events = 0;   ///< that were held, and given to the owner's handlers
    std::uint64_t refused = 0;  ///< of these, completed as busy: a handler had answered BUSY up to the deadline
    std::chrono::microseconds held_for{0};  ///< from the beginning of the hold to the end of the queue
    bool superseded = false;                ///< another thread's release took over before this one was done
  };

  /// From the return on no handler of `from` runs or will be called. What its subscriptions would have got is kept, in
  /// order; when the hold is full, it answers BUSY. Subscriptions that `from` or `to` makes from now on are parked.
  ///
  /// AGENT_E_TIMEOUT: a call into one of from's handlers did not return by the deadline. Then everything is as before:
  /// the events that came meanwhile have been given to from's handlers, in order (so a handler that hangs for every
  /// caller makes begin() hang as well; EventBus::remove_all_of(from), on another thread, ends that).
  /// AGENT_E_STATE: one of the two is part of a hold already.
  /// `forced`: does not wait for calls that run, nor fail because of them. For a `from` that hangs and is given up.
  static Result<std::unique_ptr<EventHold>> begin(EventBus& bus, std::uint64_t from, std::uint64_t to,
                                                  HoldLimits limits, Time deadline, bool forced = false);

  ~EventHold();  ///< if it was not released: to `from`, with a deadline of 100 ms
  EventHold(const EventHold&) = delete;
  EventHold& operator=(const EventHold&) = delete;

  /// Gives what is held to the handlers that `owner` (from or to) has parked, on this thread, in order, then makes these
  /// the bus's own, atomically: from the return on the bus reaches them directly. What the other one has parked stays
  /// parked until it is removed. An event that BUSY is answered for is offered again until `deadline`; from then on each
  /// is offered once, and publishers are told BUSY until the queue is empty. With no handlers at all, events are done.
  ///
  /// `owner` 0: neither version can be started. What is held ends as failed, and what comes then reaches nobody.
  ///
  /// A handler that does not return keeps this function. Then another thread may call release_to() for the other one:
  /// it goes on with the event after the one that hangs, and the first call ends when it can (`superseded`).
  Released release_to(std::uint64_t owner, Time deadline);

  // ---- any thread ----

  [[nodiscard]] std::uint64_t held() const noexcept;          ///< now
  [[nodiscard]] std::uint64_t refused_full() const noexcept;  ///< times that BUSY was answered because it was full

 private:
  struct Progress;
  EventHold(std::shared_ptr<BusCore> core, std::shared_ptr<HeldEvents> events) noexcept;
  void run_round(std::uint64_t owner, Time deadline, Progress& progress);
  /// False: a handler is busy with the event that is in progress.
  bool offer_some(std::uint64_t owner, Time deadline, Progress& progress);
  void fail_all(Progress& progress);

  std::shared_ptr<BusCore> core_;
  std::shared_ptr<HeldEvents> events_;
  const Time since_;
};

}  // namespace host_stub
