// What the module is to do wrong, looked up at each call in the file that KAFKA_EVENTS_FAIL_FILE names: lines `STEP HOW`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent_plugin/status.h"

namespace failing {

enum class How : std::uint8_t { error, exception, hang, leak_thread, not_ready, not_live, bad_config };

/// What the plan has for this step; nothing if there is no file, no such line or an unknown word.
[[nodiscard]] std::optional<How> planned(std::string_view step) noexcept;

/// Does it, where it is not for one step alone: throws (std::runtime_error, through the C boundary, on purpose), hangs until
/// the process ends, or leaves a thread in the module's code. The status is what the call is to answer, if it is to fail.
[[nodiscard]] std::optional<std::int32_t> strike(std::string_view step, agent_error* error);

}  // namespace failing
