// Publishes a plan's events on the host's bus and waits until all of them are delivered.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent_plugin/agent_plugin.h"

#include "bus/event_bus.h"
#include "raw_producer.h"

namespace bench {

/// What counts as delivered.
enum class Await : std::uint8_t {
  completions,   ///< the publisher is told
  status_events  ///< <topic>::sent_to_external_queue, which comes with Kafka's word and not with the outbox's
};

class EventPublisher {
 public:
  EventPublisher(host_stub::EventBus& bus, Await await);
  ~EventPublisher();
  EventPublisher(const EventPublisher&) = delete;
  EventPublisher& operator=(const EventPublisher&) = delete;

  /// Seconds from the first event to the last delivery. An event that is answered "busy" is published again.
  double run(const PublishPlan& plan);

 private:
  void publish_some(const PublishPlan& plan, agent_event_draft draft, std::size_t first, std::size_t end);
  void publish(const agent_event_draft& draft, const agent_event_completion* completion);
  void delivered();
  static void on_completed(void* context, std::uint64_t cookie, const agent_event_result* result);
  static std::int32_t on_status_event(void* context, const agent_event* event);

  host_stub::EventBus& bus_;
  const Await await_;
  std::uint64_t subscription_ = 0;
  std::size_t expected_ = 0;
  std::atomic<std::size_t> delivered_{0};
};

/// Names as wallets have them.
[[nodiscard]] std::vector<std::string> tenants();

}  // namespace bench
