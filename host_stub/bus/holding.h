// A hold that is in place.
#pragma once

#include <memory>

#include "bus/bus_core.h"

namespace host_stub {

struct BusCore::ActiveHold {
  std::shared_ptr<HeldEvents> events;
  std::unique_ptr<Subscription> stands_for;  ///< in the table, in place of those that were replaced
  bool undoing = false;                      ///< it could not begin: all goes back to `from`
};

}  // namespace host_stub
