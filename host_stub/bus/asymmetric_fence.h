// A fence whose whole cost lies with one side: publishers announce what they read with a plain store, and who changes
// things runs a barrier on all of the process's processors (Linux' membarrier(2)) before looking at the announcements.
// Where the kernel has no such call, announcing is a full fence.
//
//   publisher:  announce(flag, 1); read(data);          changer:  change(data); barrier_everywhere(); look(flag);
//
// Either the changer sees the flag, or the publisher sees the change. Loads on both sides are seq_cst.
#pragma once

#include <atomic>

namespace host_stub {

/// Asks the kernel once per process. Call it before the first announcement.
[[nodiscard]] bool membarrier_available() noexcept;

/// `cheap` is what membarrier_available() answered.
template <class T>
inline void announce(std::atomic<T>& place, T value, bool cheap) noexcept {
  if (cheap) [[likely]] {
    place.store(value, std::memory_order_release);
    std::atomic_signal_fence(std::memory_order_seq_cst);  // the compiler must not move the loads up either
  } else {
    place.store(value, std::memory_order_seq_cst);
  }
}

void barrier_everywhere(bool cheap) noexcept;

}  // namespace host_stub
