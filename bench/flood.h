// Publishes events of any topic and tenant as fast as they are taken, and counts those that are delivered.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bus/event_bus.h"

namespace bench {

/// One publisher. It must live until every event is delivered.
class Flood {
 public:
  Flood(host_stub::EventBus& bus, std::size_t most_in_flight) : bus_(bus), most_in_flight_(most_in_flight) {}

  /// Again while the answer is "busy". Waits first while as many as may are in flight.
  void publish(std::string_view topic, std::string_view tenant, std::string_view payload);

  /// Until every event is delivered; ends the benchmark when nothing moves for 60 s.
  void wait() const;

 private:
  static void on_completed(void* context, std::uint64_t cookie, const agent_event_result* result);

  void wait_for_room() const;

  host_stub::EventBus& bus_;
  const std::size_t most_in_flight_;
  std::size_t published_ = 0;
  std::atomic<std::size_t> delivered_{0};
};

}  // namespace bench
