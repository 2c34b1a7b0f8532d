// What a handler of events answers, and the trampoline from the C contract to a callable of C++.
#pragma once

#include <cstdint>
#include <functional>

#include "agent_plugin/ext/event_bus.h"
#include "agent_plugin_cpp/event.hpp"

namespace agent {

/// `later` takes one reference to the event: give it back with Bus::complete(), exactly once.
enum class Answer : std::int32_t {
  done = AGENT_HANDLER_DONE,
  failed = AGENT_HANDLER_FAILED,
  busy = AGENT_HANDLER_BUSY,
  later = AGENT_HANDLER_LATER,
};

enum class Outcome : std::int32_t {
  done = AGENT_OUTCOME_DONE,
  busy = AGENT_OUTCOME_BUSY,
  failed = AGENT_OUTCOME_FAILED,
};

/// Called on any publisher's thread, several at once. An exception that leaves it counts as `failed`.
using Handler = std::function<Answer(const Event&)>;

namespace detail {

inline std::int32_t call_handler(void* context, const agent_event* event) noexcept {
  try {
    return static_cast<std::int32_t>((*static_cast<Handler*>(context))(Event(event)));
  } catch (...) {
    return AGENT_HANDLER_FAILED;
  }
}

}  // namespace detail
}  // namespace agent
