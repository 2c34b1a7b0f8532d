// "agent.event_bus/1" of the test host: keeps subscriptions, accepts and checks what is published, delivers samples.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

#include "host/events.h"
#include "host/ledger.h"
#include "host/memory.h"

namespace plugin_validator {

class EventBus {
 public:
  EventBus(Ledger& ledger, Layout layout) : ledger_(ledger), layout_(layout), events_(ledger, layout) {}

  /// The functions for a host whose host_data leads to this bus.
  [[nodiscard]] static agent_event_bus table() noexcept;

  /// Tells whether code lies in the module, where nothing may lie that must outlive it.
  std::function<bool(const void*)> is_in_module;

  /// Offers one event to every subscription, on a topic that it asked for. Returns how many handlers were called.
  std::size_t deliver(const EventSample& sample);
  /// Takes the subscriptions away from the plugin, as a bus does that holds events during a swap.
  void hold(bool held);

  [[nodiscard]] std::vector<std::string> subscriptions() const;
  [[nodiscard]] const Events& events() const noexcept { return events_; }

  std::int32_t publish(const agent_event_draft* draft, const agent_event_completion* completion,
                       agent_event_result* result, agent_error* error);
  std::int32_t subscribe(const agent_subscription* subscription, std::uint64_t* token, agent_error* error);
  std::int32_t unsubscribe(std::uint64_t token);
  void defer(const agent_event* event, std::uint32_t more);
  void complete(const agent_event* event, const char* function);
  std::uint32_t listeners(agent_text topic);

 private:
  struct Subscription {
    std::string name;
    std::vector<std::string> patterns;
    void* context;
    std::int32_t (*on_event)(void* context, const agent_event* event);
  };
  void hand_over(const Subscription& to, const EventSample& sample);

  Ledger& ledger_;
  Layout layout_;
  Events events_;
  mutable std::mutex mutex_;  // guards what follows; never held while a handler runs
  bool held_ = false;
  std::uint64_t last_token_ = 0;
  std::map<std::uint64_t, Subscription> subscriptions_;
};

}  // namespace plugin_validator
