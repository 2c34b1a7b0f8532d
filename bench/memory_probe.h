// What a process holds, and measuring in a process of its own: nothing that was measured before is in its memory.
#pragma once

#include <functional>
#include <sys/types.h>
#include <vector>

namespace bench {

struct Memory {
  double resident = 0;  ///< bytes in RAM, what files are mapped included
  double heap = 0;      ///< bytes that malloc has given out, all arenas
};

[[nodiscard]] Memory memory_of_this_process();

/// Bytes. Ends the benchmark if there is no such process.
[[nodiscard]] double resident_bytes(pid_t process);

/// What `measure` returned in a child process. No other thread may run in this one. Ends the benchmark if the child gives
/// up, or does not return within two hours.
std::vector<double> in_child(const std::function<std::vector<double>()>& measure);

}  // namespace bench
