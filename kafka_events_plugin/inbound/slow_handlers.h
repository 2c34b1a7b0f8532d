// Notices records whose handlers do not come to an end. It looks at the records in flight once a second, so that the way
// of a record pays nothing for it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/ports.h"
#include "core/record.h"
#include "inbound/statistics.h"

namespace kafka_events {

/// The oldest record of one partition that is with its handlers.
struct InFlightRecord {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::uint32_t attempt = 0;
};

class SlowHandlers {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds interval{1};
  /// One line of the log for a worker whose handlers go on hanging.
  static constexpr std::chrono::seconds report_interval{300};

  explicit SlowHandlers(std::chrono::milliseconds limit) : limit_(limit) {}

  // ---- Consumer thread ----
  [[nodiscard]] bool due(Clock::time_point now) const noexcept { return now >= next_look_; }
  /// The oldest in flight of each partition. Returns the record to report, if it is time to.
  std::optional<OldestInFlight> look(std::span<const InFlightRecord> oldest, Clock::time_point now);

  /// None: nothing is in flight, as far as the last look saw. [any thread]
  [[nodiscard]] std::optional<OldestInFlight> oldest(Clock::time_point now) const;

 private:
  struct Seen {
    std::int64_t offset = 0;
    std::uint32_t attempt = 0;
    Clock::time_point since;
  };

  const std::chrono::milliseconds limit_;
  Clock::time_point next_look_{};
  Clock::time_point next_report_{};

  mutable std::mutex mutex_;  // guards what follows
  std::map<TopicPartition, Seen> seen_;
};

/// Writes the line of the log that look() asks for.
void report_slow_handler(Log& log, std::string_view worker, const OldestInFlight& slow, std::string_view event_topic);

/// The record at hand, for whoever asks from another thread. Cheap where topics do not change.
class AtHandNote {
 public:
  void note(std::string_view topic, std::int32_t partition, std::int64_t offset, std::string_view event_topic) {
    offset_.store(offset, std::memory_order_relaxed);
    if (partition == partition_.partition && topic == partition_.topic && event_topic == event_topic_) return;
    change(topic, partition, event_topic);
  }

  [[nodiscard]] AtHand get() const;  ///< [any thread]

 private:
  void change(std::string_view topic, std::int32_t partition, std::string_view event_topic);

  std::atomic<std::int64_t> offset_{-1};
  mutable std::mutex mutex_;  // guards what follows against get(); the consumer thread alone writes it
  TopicPartition partition_;
  std::string event_topic_;
};

}  // namespace kafka_events
