// The port to dead-letter topics: reading them from a position, and keeping that position. kafka/ implements it with a
// consumer that joins no group's subscription, so that reading takes nothing from anybody.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/record.h"
#include "core/result.h"

namespace kafka_events {

/// A partition of a dead-letter topic, its ends, and what was committed for it.
struct DeadLetterPartition {
  TopicPartition partition;
  std::int64_t low = 0;         ///< the oldest record that is still there
  std::int64_t high = 0;        ///< after the newest one
  std::int64_t committed = -1;  ///< -1: nothing yet
  std::string metadata;         ///< the text that was committed with it
};

struct DeadLetterPosition {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::string metadata;  ///< at most max_metadata_bytes
};

/// One step of reading.
struct DeadLetterRead {
  InboundRecord record;  ///< views are valid until the next step; without an owner
  /// There is no record: the partition ends, for the moment, before record.offset.
  bool end = false;
};

/// All functions are for one thread, and block until the deadline at most.
class DeadLetterSource {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  /// offset.metadata.max.bytes of a broker is 4096 unless it was changed.
  static constexpr std::size_t max_metadata_bytes = 4096;

  virtual ~DeadLetterSource() = default;

  /// Names of all topics of the cluster.
  virtual Result<std::vector<std::string>> topics(Deadline deadline) = 0;
  /// Every partition of these topics. A topic that is not there has none.
  virtual Result<std::vector<DeadLetterPartition>> partitions(std::span<const std::string> topics,
                                                              Deadline deadline) = 0;
  /// From now on next() gives the records from these positions on, partitions mixed, each in order.
  virtual Result<void> read(std::span<const DeadLetterPosition> from, Deadline deadline) = 0;
  /// None: nothing came until the deadline. The end of a partition is told whenever it is reached.
  virtual Result<std::optional<DeadLetterRead>> next(Deadline deadline) = 0;
  /// Waits for the broker's acknowledgement.
  virtual Result<void> commit(std::span<const DeadLetterPosition> positions, Deadline deadline) = 0;
};

}  // namespace kafka_events
