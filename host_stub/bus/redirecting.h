// What redirecting.cpp and its callers share.
#pragma once

#include <span>

#include "bus/bus_core.h"

namespace host_stub {

/// The handlers of one event, found in a table that has been replaced meanwhile.
struct BusCore::Stale {
  ThreadSlot& slot;
  std::span<Subscription* const> handlers;
  std::uint64_t generation;  ///< of that table
  EventBlock& block;
};

/// A held event on its way to its handlers.
struct BusCore::Offer {
  ThreadSlot& slot;
  const HeldEvents& hold;
  std::span<Subscription* const> targets;  ///< by token
  HeldEvents::Item& item;
  bool last_try;         ///< BUSY is taken for an answer
  bool refused = false;  ///< and was given
};

}  // namespace host_stub
