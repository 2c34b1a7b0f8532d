// The host's event bus (agent.event_bus/1) as the EventBus port. Zero-copy: events are views of the host's own.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent_plugin/ext/event_bus.h"

#include "core/ports.h"

namespace kafka_events::host {

/// Any thread. `host` and its extension must outlive this; subscriptions still held end with it.
class HostEventBus final : public EventBus {
 public:
  HostEventBus(const agent_host* host, const agent_event_bus* bus) noexcept : host_(host), bus_(bus) {}
  ~HostEventBus() override;
  HostEventBus(const HostEventBus&) = delete;
  HostEventBus& operator=(const HostEventBus&) = delete;

  Result<void> publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) override;
  Result<SubscriptionToken> subscribe(std::string_view name, std::span<const std::string> patterns,
                                      EventHandler& handler) override;
  void unsubscribe(SubscriptionToken token) override;
  void defer(EventHandle event, std::uint32_t more) noexcept override;
  void complete(EventHandle event, Outcome outcome, std::string_view detail) noexcept override;
  void complete_many(std::span<const EventHandle> events, Outcome outcome) noexcept override;
  [[nodiscard]] Event view(EventHandle event) const noexcept override;
  [[nodiscard]] std::uint32_t listeners(std::string_view topic) const noexcept override;

 private:
  /// What the host hands back with each event of one subscription.
  struct Subscriber {
    const HostEventBus& bus;
    EventHandler& handler;
  };
  static std::int32_t on_event(void* context, const agent_event* event) noexcept;
  [[nodiscard]] Event view_of(const agent_event* event) const noexcept;

  const agent_host* const host_;
  const agent_event_bus* const bus_;
  std::mutex mutex_;  // guards subscribers_
  std::unordered_map<std::uint64_t, std::unique_ptr<Subscriber>> subscribers_;
};

}  // namespace kafka_events::host
