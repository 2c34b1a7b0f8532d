// Where a blocked thread of this process will return to: its frames, found by the unwind tables of the code that it is in.
// Nothing of the thread is touched, and nothing is read through a pointer: it may end at any moment.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace host_stub {

/// Words of a stack from its pointer upwards, copied.
struct StackCopy {
  std::uintptr_t at = 0;  ///< the stack pointer
  std::vector<std::uintptr_t> words;
};

/// The thread's program counter and then the addresses that it will return to, the outermost last. Nothing: they could not be
/// followed to the end. The other registers are not known, and mostly not needed.
[[nodiscard]] std::optional<std::vector<std::uintptr_t>> frames_of(const StackCopy& stack, std::uintptr_t code);

/// Copies what can be read; never faults.
[[nodiscard]] std::vector<std::uintptr_t> copy_words(std::uintptr_t from, std::size_t bytes);

}  // namespace host_stub
