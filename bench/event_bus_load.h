// What bench_event_bus measures the bus with: a handler, its subscription, the loops that publish.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bus/event_bus.h"

namespace bench {

inline constexpr std::size_t event_payload_bytes = 100;
inline constexpr std::string_view event_topic = "acapy::webhook::bench";
inline constexpr std::string_view event_topics =
    "^acapy::webhook::.*";  ///< a pattern for all topics that are published

[[nodiscard]] inline agent_text text_of(std::string_view text) { return {text.data(), text.size()}; }

/// Looks at the event and writes nothing: two publishers must not meet in the handler.
std::int32_t on_event(void* context, const agent_event* event);

/// on_event() for one pattern; the benchmark ends where it is not taken.
void subscribe(host_stub::EventBus& bus, std::string_view pattern);

/// So many events of event_topic. Seconds.
double publish(host_stub::EventBus& bus, std::size_t count);

/// Topics that are published one after another, over and over; a run goes on where the one before it ended.
class TopicRound {
 public:
  /// So many different ones, in an order that looks random and is always the same. Their texts lie in memory in this
  /// order, so that reading them costs the publisher little.
  explicit TopicRound(std::size_t topics);

  /// So many events. Seconds.
  double publish(host_stub::EventBus& bus, std::size_t count);

 private:
  std::vector<std::string> topics_;
  std::size_t next_ = 0;
};

}  // namespace bench
