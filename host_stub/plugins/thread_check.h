// Does a thread still run in a module that is to leave memory? Linux tells of every blocked thread of this process where
// its stack pointer is. From there up lies, first, an address of the module's code if the thread will return into it,
// and at the end glibc's record of the thread, with what it was started with.
//
// Stacks are used again, and a thread of the host that once called the module has left-overs of that on its own. So a
// thread that the host or another plugin started is believed not to be inside: the bus, the route table and the gates
// of health and metrics see to that. One that the module started is its own, whatever it does. Of what a library
// started every frame is looked at, or, where they cannot be followed to the end, every word. A false alarm costs memory,
// a miss would end the process: whoever cannot be looked at counts as inside.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace host_stub {

/// A thread of this process. Numbers are used again, so its start (clock ticks since boot) belongs to it.
struct ThreadMark {
  int id = 0;
  std::uint64_t started = 0;
  auto operator<=>(const ThreadMark&) const = default;
};

[[nodiscard]] std::set<ThreadMark> threads_of_this_process();

struct AddressRange {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool executable = false;
  [[nodiscard]] bool holds(std::uintptr_t address) const noexcept { return address >= begin && address < end; }
};

/// Where mappings whose names contain `file` lie.
[[nodiscard]] std::vector<AddressRange> mappings_of(const std::string& file);

/// Until when a thread is looked at again: one that seems to be inside, and one that runs whenever it is looked at.
struct LookLimits {
  std::chrono::steady_clock::time_point inside;
  std::chrono::steady_clock::time_point running;
};

/// Those of `suspects` that the module mapped from `file` started, or that execute or will return into it, or that ran at
/// every look; each as "TID (name)". `other_modules`: part of the names of mappings that are plugins too.
[[nodiscard]] std::vector<std::string> threads_inside(const std::string& file, const std::string& other_modules,
                                                      const std::set<ThreadMark>& suspects, const LookLimits& limits);

}  // namespace host_stub
