// Ctrl-C for the verbs that talk to a host: noticed between two steps of their work.
#pragma once

#include <chrono>

namespace host_stub::cli {

inline constexpr int exit_interrupted = 130;  ///< 128 + SIGINT, as shells have it

/// Counts SIGINT and SIGTERM instead of ending the process. One object at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();  ///< puts back what was before
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] static bool asked() noexcept;
  /// Asked for twice, or longer than two seconds ago: even a request under way is to be given up. One thread.
  [[nodiscard]] static bool insisted() noexcept;
  /// Sleeps; false: it was asked to end.
  [[nodiscard]] static bool sleep(std::chrono::milliseconds duration) noexcept;
};

}  // namespace host_stub::cli
