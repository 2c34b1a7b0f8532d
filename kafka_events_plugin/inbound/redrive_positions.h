// How far each dead-letter partition is during one redrive: read, given to the broker, acknowledged. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/dead_letter_source.h"
#include "inbound/redrive_progress.h"

namespace kafka_events {

class RedrivePositions {
 public:
  struct Place {
    TopicPartition partition;
    std::int64_t offset = 0;
  };

  /// Where to read from. What comes to the partitions later is not part of this redrive, so that records which die again
  /// do not go round for ever. Fails on a position that this program did not commit.
  Result<std::vector<DeadLetterPosition>> open(std::span<const DeadLetterPartition> partitions);

  /// Notes what was read. None: there is nothing to redrive in it.
  std::optional<Place> pass(const DeadLetterRead& read);
  /// The record is about to be redriven. False: the position could not remember that, so it must not be.
  [[nodiscard]] bool plan(const Place& place);
  /// The broker has acknowledged it.
  void settle(const Place& place);

  [[nodiscard]] bool all_read() const;
  [[nodiscard]] std::uint64_t left() const;
  /// Those that moved since they were last committed.
  [[nodiscard]] std::vector<DeadLetterPosition> moved() const;
  void committed();

 private:
  struct Part {
    RedriveProgress acknowledged;
    RedriveProgress planned;  // and what is on its way
    std::int64_t last = -1;   // read
    std::int64_t end = 0;     // of what was there at the start
    bool read = false;
    bool moved = false;
  };
  std::map<TopicPartition, Part> parts_;
};

}  // namespace kafka_events
