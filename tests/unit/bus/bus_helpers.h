// Short forms for tests of the bus: a draft from a topic, a handler from a lambda, a record of completions.
#pragma once

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bus/event_bus.h"
#include "core/abi_text.h"

namespace host_stub::testing {

using namespace std::chrono_literals;

inline agent_event_draft draft_of(std::string_view topic, std::string_view payload = {}) {
  agent_event_draft draft{};
  draft.size = sizeof(draft);
  draft.topic = to_text(topic);
  draft.payload = {payload.data(), payload.size()};
  return draft;
}

inline std::string text_of(agent_text text) { return std::string(to_view(text)); }
inline std::string text_of(agent_bytes bytes) { return {static_cast<const char*>(bytes.data), bytes.size}; }

/// Subscribes a lambda, and unsubscribes when it goes.
class Listener {
 public:
  using Handle = std::function<std::int32_t(const agent_event&)>;

  Listener(EventBus& bus, std::vector<std::string> patterns, Handle handle, std::uint64_t owner = 0)
      : bus_(bus), handle_(std::move(handle)) {
    std::vector<agent_text> texts;
    for (const std::string& pattern : patterns) texts.push_back(to_text(pattern));
    const agent_subscription subscription{sizeof(agent_subscription),
                                          static_cast<std::uint32_t>(texts.size()),
                                          texts.data(),
                                          to_text("test.listener"),
                                          this,
                                          [](void* context, const agent_event* event) {
                                            auto& self = *static_cast<Listener*>(context);
                                            ++self.calls_;
                                            return self.handle_(*event);
                                          }};
    agent_error error = AGENT_ERROR_INIT;
    REQUIRE_MESSAGE(bus_.subscribe(subscription, owner, &token_, &error) == AGENT_OK, error.message);
  }
  ~Listener() { bus_.unsubscribe(token_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::uint64_t token() const { return token_; }
  [[nodiscard]] int calls() const { return calls_; }

 private:
  EventBus& bus_;
  Handle handle_;
  std::uint64_t token_ = 0;
  std::atomic<int> calls_{0};
};

/// What the publisher was told.
class Completions {
 public:
  struct Told {
    std::uint64_t cookie;
    std::int32_t outcome;
    std::uint32_t handlers, busy, failed;
    std::string detail;
  };
  [[nodiscard]] agent_event_completion with(std::uint64_t cookie) {
    return {sizeof(agent_event_completion), 0, this, cookie,
            [](void* context, std::uint64_t given, const agent_event_result* result) {
              auto& self = *static_cast<Completions*>(context);
              const std::lock_guard lock(self.mutex_);
              self.told_.push_back(
                  {given, result->outcome, result->handlers, result->busy, result->failed, text_of(result->detail)});
            }};
  }
  [[nodiscard]] std::vector<Told> all() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Told> told_;
};

/// Waits for a condition that another thread brings about.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition, std::chrono::milliseconds limit = 20s) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

inline std::int32_t done(const agent_event&) { return AGENT_HANDLER_DONE; }

}  // namespace host_stub::testing
