// How long single events took: written by the threads on which they arrive, read when all are there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// Nanoseconds on the clock that all processes of a machine share (CLOCK_MONOTONIC).
[[nodiscard]] std::int64_t monotonic_ns();

class LatencyLog {
 public:
  /// Forgets all and expects so many; nothing of before may still arrive.
  void begin(std::size_t count);

  /// Each index once; any thread.
  void add(std::size_t index, std::int64_t nanoseconds);

  /// Until all are there; ends the benchmark, saying who is late, when nothing has come for 30 s.
  void wait(const char* whose) const;

  /// Microseconds within which this share of the events arrived.
  [[nodiscard]] double quantile(double share) const;

 private:
  std::vector<std::int64_t> nanoseconds_;
  std::atomic<std::size_t> arrived_{0};
};

}  // namespace bench
