// Where records go that could not be handled.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/ports.h"

namespace kafka_events {

/// One record that is given up, and why. Views are borrowed for the call.
struct DeadLetter {
  InboundRecord record;       ///< without an owner
  std::string_view stage;     ///< "decode" or "handle"
  std::string_view reason;    ///< for a person
  std::string_view to;        ///< the dead-letter topic
  std::string_view worker{};  ///< that gives it up
};

class DeadLetterSink {
 public:
  virtual ~DeadLetterSink() = default;

  /// Writes it: value, key and headers untouched, and the __connect.errors.* headers after them. On success
  /// `completion` is called exactly once, Outcome::done only after the broker's acknowledgement. [consumer thread]
  virtual Result<void> send(const DeadLetter& letter, PublishCompletion& completion, std::uint64_t cookie) = 0;
};

}  // namespace kafka_events
