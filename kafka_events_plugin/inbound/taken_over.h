// What another version of the module left open in a partition: records that wait to be tried again, and those behind them.
// They are read once more; here is what they are when they come.
//
//   record ──► done there? ──────────► passed over
//         ├──► waits to be tried again ──► it goes on waiting, with the attempts that were made
//         └──► new, and behind one that waits ──► kept in order until that is over
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "core/handover.h"
#include "core/record.h"

namespace kafka_events {

/// Owned by the consumer thread.
class TakenOver {
 public:
  using Clock = std::chrono::steady_clock;

  struct Retry {
    RetryHandover retry;
    Clock::time_point due;
  };

  TakenOver(const PartitionHandover& from, Clock::time_point now);
  ~TakenOver();
  TakenOver(const TakenOver&) = delete;
  TakenOver& operator=(const TakenOver&) = delete;

  /// Nothing is open any more.
  [[nodiscard]] bool empty() const noexcept { return done_.empty() && retries_.empty() && kept_.empty(); }

  // For each record, in the order of their offsets:
  [[nodiscard]] bool is_done(std::int64_t offset);
  /// None: it is not one that waits.
  [[nodiscard]] std::optional<Retry> take_retry(std::int64_t offset);

  // Those behind one that waits:
  [[nodiscard]] bool keeps_any() const noexcept { return !kept_.empty(); }
  /// Takes the record, and with it the duty to release it; not twice the same.
  void keep(const InboundRecord& record);
  /// The first of them. What its views need is put into `headers`.
  [[nodiscard]] InboundRecord take_first(std::vector<Header>& headers);

  /// Adds what has not come yet.
  void hand_over(PartitionHandover& to, Clock::time_point now) const;

 private:
  struct Kept {
    InboundRecord record;
    std::vector<Header> headers;
  };

  std::deque<std::pair<std::int64_t, std::int64_t>> done_;  // ascending
  std::deque<Retry> retries_;                               // ascending
  std::deque<Kept> kept_;  // ascending; at most what one turn of the consumer reads, since their partition rests
};

}  // namespace kafka_events
