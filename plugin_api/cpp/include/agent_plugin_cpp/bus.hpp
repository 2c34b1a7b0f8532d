// The host's event bus: publish, and subscribe for as long as the returned Subscription lives.
//
//   agent::Bus bus = agent::Bus::of(host);
//   if (!bus) return {AGENT_E_UNSUPPORTED, "this host has no event bus"};
//   agent::Status status = bus.subscribe("echo.in", {"^echo::in$"}, [this](const agent::Event& e) { return on(e); },
//   in_);
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/ext/event_bus.h"
#include "agent_plugin_cpp/draft.hpp"
#include "agent_plugin_cpp/handler.hpp"
#include "agent_plugin_cpp/status.hpp"

namespace agent {

/// A handler on the bus. When its destructor returns, no call of the handler is running and none will begin; so it must
/// not run within that handler.
class Subscription {
 public:
  Subscription() = default;
  Subscription(Subscription&& other) noexcept { swap(other); }
  Subscription& operator=(Subscription&& other) noexcept {
    Subscription moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Subscription() { reset(); }

  explicit operator bool() const noexcept { return token_ != 0; }
  void reset() noexcept {
    if (token_ != 0) bus_->unsubscribe(host_, std::exchange(token_, 0));
    handler_.reset();
  }

 private:
  friend class Bus;
  void swap(Subscription& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(bus_, other.bus_);
    std::swap(handler_, other.handler_);
    std::swap(token_, other.token_);
  }

  const agent_host* host_ = nullptr;
  const agent_event_bus* bus_ = nullptr;
  std::unique_ptr<Handler> handler_;
  std::uint64_t token_ = 0;
};

/// A cheap handle; valid until destroy() of the plugin. All functions may be called from any thread.
class Bus {
 public:
  [[nodiscard]] static Bus of(const agent_host* host) noexcept {
    return {host, static_cast<const agent_event_bus*>(host->get_extension(host, AGENT_EXT_EVENT_BUS))};
  }
  explicit operator bool() const noexcept { return bus_ != nullptr; }

  /// Calls the handlers on this thread. AGENT_E_BUSY: it was published, but a handler did not take it.
  Status publish(Draft& draft) const {
    if (bus_ == nullptr) return no_bus();
    agent_error error = AGENT_ERROR_INIT;
    const agent_event_draft built = draft.build();
    return to_status(bus_->publish(host_, &built, nullptr, nullptr, &error), error);
  }
  Status publish(Draft&& draft) const { return publish(draft); }

  /// Patterns are RE2, matched from the start of the topic. A wrong one: AGENT_E_INVALID, and `subscription` is
  /// unchanged.
  Status subscribe(std::string_view name, std::initializer_list<std::string_view> patterns, Handler handler,
                   Subscription& subscription) const {
    if (bus_ == nullptr) return no_bus();
    std::vector<agent_text> texts;
    for (const std::string_view pattern : patterns) texts.push_back(text(pattern));
    Subscription added;
    added.host_ = host_;
    added.bus_ = bus_;
    added.handler_ = std::make_unique<Handler>(std::move(handler));
    agent_subscription request{};
    request.size = static_cast<std::uint32_t>(sizeof request);
    request.pattern_count = static_cast<std::uint32_t>(texts.size());
    request.patterns = texts.data();
    request.name = text(name);
    request.context = added.handler_.get();
    request.on_event = &detail::call_handler;
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t code = bus_->subscribe(host_, &request, &added.token_, &error);
    if (code == AGENT_OK) subscription = std::move(added);
    return to_status(code, error);
  }

  /// Ends what a handler answered with Answer::later, and gives its reference back.
  void complete(const agent_event* event, Outcome outcome, std::string_view detail = {}) const noexcept {
    bus_->complete(host_, event, static_cast<std::int32_t>(outcome), text(detail));
  }

  [[nodiscard]] std::uint32_t listeners(std::string_view topic) const noexcept {
    return bus_ == nullptr ? 0 : bus_->listeners(host_, text(topic));
  }

 private:
  static Status no_bus() { return {AGENT_E_UNSUPPORTED, "this host has no event bus (" AGENT_EXT_EVENT_BUS ")"}; }

  Bus(const agent_host* host, const agent_event_bus* bus) noexcept : host_(host), bus_(bus) {}

  const agent_host* host_;
  const agent_event_bus* bus_;
};

}  // namespace agent
