// Texts and bytes of the C contract as std::string_view, and back. Views both ways: nothing is copied or owned.
//
//   agent_text topic = agent::text("acapy::ping::received");
//   std::string_view tenant = agent::view(event->tenant);
#pragma once

#include <string_view>

#include "agent_plugin/abi.h"

namespace agent {

[[nodiscard]] constexpr agent_text text(std::string_view value) noexcept {
  return agent_text{value.data(), value.size()};
}

/// A view whose data() is nullptr becomes null bytes ("no value"); an empty but existing one stays an empty value.
[[nodiscard]] constexpr agent_bytes bytes(std::string_view value) noexcept {
  return agent_bytes{value.data(), value.size()};
}

/// An absent text is an empty view.
[[nodiscard]] constexpr std::string_view view(agent_text value) noexcept {
  return value.size == 0 ? std::string_view() : std::string_view(value.data, value.size);
}

/// Null bytes are a view with data() == nullptr; empty bytes are a view of size 0 with data() != nullptr.
[[nodiscard]] inline std::string_view view(agent_bytes value) noexcept {
  return value.data == nullptr ? std::string_view()
                               : std::string_view(static_cast<const char*>(value.data), value.size);
}

[[nodiscard]] inline agent_header header(std::string_view name, std::string_view value) noexcept {
  return agent_header{text(name), bytes(value)};
}

}  // namespace agent
