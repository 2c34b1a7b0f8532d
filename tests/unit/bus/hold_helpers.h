// For the tests of EventHold: a version of a plugin, deadlines, handlers that wait.
#pragma once

#include <memory>

#include "bus/event_hold.h"
#include "bus_helpers.h"

namespace host_stub::testing {

inline std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

inline std::unique_ptr<EventHold> hold_events(EventBus& bus, std::uint64_t from, std::uint64_t to,
                                              HoldLimits limits = {}) {
  auto hold = EventHold::begin(bus, from, to, limits, in(20s));
  REQUIRE(hold.ok());
  return std::move(hold).value();
}

/// What reached a handler, in order; any thread.
class Seen {
 public:
  [[nodiscard]] std::function<std::int32_t(const agent_event&)> handler(std::int32_t answer = AGENT_HANDLER_DONE) {
    return [this, answer](const agent_event& event) {
      const std::lock_guard lock(mutex_);
      payloads_.push_back(text_of(event.payload));
      return answer;
    };
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return payloads_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> payloads_;
};

/// A handler that stays until it is let go.
struct Stay {
  std::atomic<bool> inside{false};
  std::atomic<bool> let_go{false};
  std::function<std::int32_t(const agent_event&)> handler() {
    return [this](const agent_event&) {
      inside = true;
      CHECK(eventually([&] { return let_go.load(); }));
      return AGENT_HANDLER_DONE;
    };
  }
};

using Texts = std::vector<std::string>;

inline std::int32_t publish_to(EventBus& bus, std::string_view topic, std::string_view payload = {},
                               const agent_event_completion* completion = nullptr) {
  return bus.publish(draft_of(topic, payload), 0, completion, nullptr, nullptr);
}

/// The same with a name, by which handlers of two versions are told to be one.
class NamedListener {
 public:
  NamedListener(EventBus& bus, std::string name, std::string pattern, std::uint64_t owner,
                std::function<std::int32_t(const agent_event&)> handle)
      : bus_(bus), name_(std::move(name)), pattern_(std::move(pattern)), handle_(std::move(handle)) {
    const agent_text pattern_text = to_text(pattern_);
    const agent_subscription subscription{
        sizeof(agent_subscription),
        1,
        &pattern_text,
        to_text(name_),
        &handle_,
        [](void* context, const agent_event* event) { return (*static_cast<decltype(handle_)*>(context))(*event); }};
    REQUIRE(bus_.subscribe(subscription, owner, &token_, nullptr) == AGENT_OK);
  }
  ~NamedListener() { bus_.unsubscribe(token_); }
  NamedListener(const NamedListener&) = delete;
  NamedListener& operator=(const NamedListener&) = delete;

 private:
  EventBus& bus_;
  std::string name_;
  std::string pattern_;
  std::function<std::int32_t(const agent_event&)> handle_;
  std::uint64_t token_ = 0;
};

}  // namespace host_stub::testing
