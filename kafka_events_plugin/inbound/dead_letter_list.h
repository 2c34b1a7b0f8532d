// The newest dead letters of a worker, for an operator to look at: what they are and why, never what they hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/dead_letter_source.h"
#include "inbound/dead_letter_topics.h"

namespace kafka_events {

struct DeadLetterItem {
  std::string topic;  ///< the dead-letter topic
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  DeadLetterOrigin origin;
  std::int64_t timestamp_ms = -1;  ///< of the record that died; -1: none
  std::uint64_t value_bytes = 0;
  bool redriven = false;
};

struct DeadLetterTopicSummary {
  std::string topic;
  std::uint64_t records = 0;  ///< between the ends of its partitions; compaction and transactions make it too high
  std::uint64_t open = 0;     ///< of these, not redriven
};

struct DeadLetterList {
  std::string worker;
  std::vector<DeadLetterTopicSummary> topics;
  std::vector<DeadLetterItem> items;  ///< newest first
};

struct DeadLetterQuery {
  static constexpr std::uint32_t default_limit = 100;
  static constexpr std::uint32_t max_limit = 1000;
  std::string worker;
  std::uint32_t limit = default_limit;
};

/// Reads at most `limit` records of each partition, from the newest back. Blocks until the deadline at most; what was
/// read by then is what there is.
[[nodiscard]] Result<DeadLetterList> list_dead_letters(const config::WorkerSettings& worker,
                                                       std::string_view topic_prefix, std::uint32_t limit,
                                                       DeadLetterSource& source, DeadLetterSource::Deadline deadline);

}  // namespace kafka_events
