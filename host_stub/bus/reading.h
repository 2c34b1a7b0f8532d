// A thread's announcement that it reads the table and the cache: nothing that it finds is freed until this ends.
#pragma once

#include "bus/bus_core.h"

namespace host_stub {

class BusCore::Reading {
 public:
  Reading(const BusCore& core, ThreadSlot& slot) noexcept : slot_(slot) {
    if (slot_.depth++ == 0) announce(slot_.epoch, core.epoch_.load(std::memory_order_seq_cst), core.cheap_);
  }
  ~Reading() {
    if (--slot_.depth == 0) slot_.epoch.store(0, std::memory_order_release);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  ThreadSlot& slot_;
};

}  // namespace host_stub
