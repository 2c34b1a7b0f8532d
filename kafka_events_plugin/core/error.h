// An error as a value: a code for programs, a message for a person (what happened, where, what to do).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace kafka_events {

enum class ErrorCode : std::uint8_t {
  failed,
  invalid,
  state,
  busy,
  not_found,
  exists,
  timeout,
  unsupported,
  too_large,
  internal,
  unavailable,  ///< cannot be decided now and may be soon, such as a schema while the registry is away: try again
};

struct Error {
  ErrorCode code = ErrorCode::failed;
  std::string message;

  Error(ErrorCode error_code, std::string text) : code(error_code), message(std::move(text)) {}

  /// The same error with `context` in front, for a caller that knows where it happened: "topic a: unknown partition".
  [[nodiscard]] Error within(std::string_view context) const { return {code, std::string(context) + ": " + message}; }
};

}  // namespace kafka_events
