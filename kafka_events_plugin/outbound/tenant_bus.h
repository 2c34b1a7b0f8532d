// The bus as the outboxes see it while tenants are counted: they complete events themselves, without a report to the
// pipeline, and such an event is no longer in flight either.
#pragma once

#include "core/ports.h"
#include "outbound/tenant_gate.h"

namespace kafka_events {

/// Bus and gate outlive it. For whoever completes events that the outbound pipeline let pass, and for nobody else: what is
/// completed here must have entered the gate.
class TenantBus final : public EventBus {
 public:
  TenantBus(EventBus& bus, TenantGate& gate) : bus_(bus), gate_(gate) {}

  Result<void> publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) override {
    return bus_.publish(draft, completion, cookie);
  }
  Result<SubscriptionToken> subscribe(std::string_view name, std::span<const std::string> patterns,
                                      EventHandler& handler) override {
    return bus_.subscribe(name, patterns, handler);
  }
  void unsubscribe(SubscriptionToken token) override { bus_.unsubscribe(token); }
  void defer(EventHandle event, std::uint32_t more) noexcept override { bus_.defer(event, more); }

  void complete(EventHandle event, Outcome outcome, std::string_view detail) noexcept override {
    leave(event);
    bus_.complete(event, outcome, detail);
  }
  void complete_many(std::span<const EventHandle> events, Outcome outcome) noexcept override {
    for (const EventHandle event : events) leave(event);
    bus_.complete_many(events, outcome);
  }

  [[nodiscard]] Event view(EventHandle event) const noexcept override { return bus_.view(event); }
  [[nodiscard]] std::uint32_t listeners(std::string_view topic) const noexcept override {
    return bus_.listeners(topic);
  }

 private:
  void leave(EventHandle handle) noexcept {
    const Event event = bus_.view(handle);
    gate_.leave(event.tenant, event.payload.size());
  }

  EventBus& bus_;
  TenantGate& gate_;
};

}  // namespace kafka_events
