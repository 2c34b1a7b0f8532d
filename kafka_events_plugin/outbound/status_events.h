// Tells the bus what became of an event: <topic>::sent_to_external_queue, <topic>::undeliverable.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/ports.h"
#include "outbound/route_cache.h"

namespace kafka_events {

/// Both events share the source's payload and carry its tenant, key and content type. Headers: `event-id` and, as far
/// as they are known, `kafka-topic`, `kafka-partition`, `kafka-offset`, `message-name` (what the route's codec calls such
/// messages, such as the full name of an Avro schema); of a failure `reason`. Nothing is made of it when nobody listens.
class StatusEvents {
 public:
  explicit StatusEvents(EventBus& bus) : bus_(bus) {}

  /// Whether sent() would reach anybody. `batch` is the number of the present batch of reports: within one, the bus is
  /// asked once a topic.
  [[nodiscard]] bool others_listen_to_sent(const ResolvedTopic& topic, std::uint32_t batch) const noexcept;
  void sent(const Event& source, const ResolvedTopic& topic, const ResolvedRoute& route, const DeliveryReport& report);
  void undeliverable(const Event& source, const ResolvedTopic& topic, const ResolvedRoute& route,
                     const DeliveryReport& report);
  void undeliverable(const Event& source, const ResolvedTopic& topic, const ResolvedRoute& route,
                     std::string_view reason);

  /// The pipeline itself is subscribed, and listens to status events that a route's pattern matches only to ignore
  /// them.
  void set_subscribed(bool subscribed) noexcept { own_.store(subscribed ? 1 : 0, std::memory_order_relaxed); }

  /// Goes on from what another version has counted. Before the first event.
  void seed_published(std::uint64_t count) noexcept { published_ = count; }
  void seed_failures(std::uint64_t count) noexcept { failures_ = count; }

  [[nodiscard]] std::uint64_t published() const noexcept { return published_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] bool others_listen(std::string_view topic, bool reaches_us) const noexcept;
  void publish(const Event& source, std::string_view topic, std::span<const Header> headers);

  EventBus& bus_;
  std::atomic<std::uint32_t> own_{0};  // subscriptions
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace kafka_events
