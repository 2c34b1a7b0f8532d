// The report of a swap while it is being written, and the reports of earlier ones.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/swap_types.h"

namespace host_stub {

/// Written by the thread that swaps, read by any.
class SwapRecord {
 public:
  SwapRecord(std::uint64_t id, std::string plugin);
  SwapRecord(const SwapRecord&) = delete;
  SwapRecord& operator=(const SwapRecord&) = delete;

  void begin(std::string_view step, SwapDirection direction);
  /// Ends the step that runs.
  void end(StepOutcome outcome, std::string detail = {});
  void skip(std::string_view step, SwapDirection direction, std::string why);
  void change(const std::function<void(SwapReport&)>& edit);
  /// Wakes whoever waits for this outcome.
  void settle(SwapOutcome outcome);
  /// Calls `done` once, when the swap is no longer running (`to_the_end`: nor in probation): at once if it is not, else
  /// on the thread that swaps. It must not block or throw.
  void when_settled(bool to_the_end, std::function<void(const SwapReport&)> done);

  /// With the times of what still runs.
  [[nodiscard]] SwapReport report() const;
  /// Until the swap is no longer running (`to_the_end`: nor in probation), or the deadline.
  [[nodiscard]] SwapReport wait(bool to_the_end, std::chrono::steady_clock::time_point deadline) const;

 private:
  [[nodiscard]] double since(std::chrono::steady_clock::time_point then) const;
  struct Waiter {
    bool to_the_end;
    std::function<void(const SwapReport&)> done;
  };
  [[nodiscard]] SwapReport locked_report() const;
  [[nodiscard]] static bool is_settled(SwapOutcome outcome, bool to_the_end) noexcept {
    return is_final(outcome) || (!to_the_end && outcome == SwapOutcome::probation);
  }

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  mutable std::condition_variable settled_;
  SwapReport report_;                                   // guarded by mutex_
  std::chrono::steady_clock::time_point step_began_{};  // likewise
  std::vector<Waiter> waiters_;                         // likewise
};

/// The last 16 of each plugin, and sums over all. Any thread.
class SwapHistory {
 public:
  static constexpr std::size_t kept_per_plugin = 16;

  void add(std::shared_ptr<SwapRecord> record);
  /// Adds a swap that ended to the sums.
  void count(const SwapReport& report);

  [[nodiscard]] std::shared_ptr<SwapRecord> find(std::uint64_t id) const;
  [[nodiscard]] std::vector<SwapReport> of(std::string_view plugin) const;  ///< newest first
  [[nodiscard]] std::optional<SwapReport> last(std::string_view plugin) const;
  [[nodiscard]] std::vector<SwapCounts> counts() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<std::shared_ptr<SwapRecord>>, std::less<>> records_;  // newest first
  std::map<std::string, SwapCounts, std::less<>> counts_;
};

}  // namespace host_stub
