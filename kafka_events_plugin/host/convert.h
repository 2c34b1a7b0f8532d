// Between the C types of the contract and the plain types of core/. Views only, nothing is copied.
#pragma once

#include <cstdint>
#include <string>

#include "agent_plugin/status.h"
#include "agent_plugin_cpp/text.hpp"

#include "core/error.h"
#include "core/event.h"

struct agent_event;

namespace kafka_events::host {

/// A handle is the host's event and nothing else, so it stays good when this module has been unloaded.
[[nodiscard]] inline const agent_event* event_of(EventHandle handle) noexcept {
  return reinterpret_cast<const agent_event*>(handle);
}
[[nodiscard]] inline EventHandle handle_of(const agent_event* event) noexcept {
  return reinterpret_cast<EventHandle>(event);
}

[[nodiscard]] std::int32_t status_of(ErrorCode code) noexcept;
[[nodiscard]] ErrorCode error_code_of(std::int32_t status) noexcept;

/// The failure that the host reported.
[[nodiscard]] inline Error error_of(std::int32_t status, const agent_error& error) {
  return {error_code_of(status),
          error.message[0] != '\0' ? std::string(error.message) : "the host answered status " + std::to_string(status)};
}

}  // namespace kafka_events::host
