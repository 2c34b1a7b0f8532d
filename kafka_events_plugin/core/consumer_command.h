// What an operator asks of a running consumer: to pause, to go on, to read from elsewhere.
#pragma once

#include <cstdint>
#include <optional>

#include "core/record.h"

namespace kafka_events {

enum class SeekPlace : std::uint8_t {
  offset,     ///< that record, or the next one that still exists
  beginning,  ///< the oldest record that is still there
  end,        ///< after the newest one
  timestamp,  ///< the first record that is not older
};

struct SeekTarget {
  SeekPlace place = SeekPlace::offset;
  std::int64_t value = 0;  ///< an offset, or milliseconds since the Unix epoch
};

enum class ConsumerAction : std::uint8_t { pause, resume, seek };

struct ConsumerCommand {
  ConsumerAction action = ConsumerAction::pause;
  /// None: all partitions; a pause then holds for those that are assigned later, too.
  std::optional<TopicPartition> partition;
  SeekTarget target;  ///< of a seek
};

}  // namespace kafka_events
