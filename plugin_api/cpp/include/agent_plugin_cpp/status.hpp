// A status as a value, the agent_error buffer that carries it over the line, and the guard that no exception passes.
//
//   agent::Status start() override {
//     if (!subscription_) return {AGENT_E_STATE, "configure() comes first"};
//     return agent::ok();
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "agent_plugin/status.h"

namespace agent {

/// AGENT_OK, or one of AGENT_E_… with a message for a person: what happened, where, what to do.
struct [[nodiscard]] Status {
  std::int32_t code = AGENT_OK;
  std::string message;
  // The place in a configuration that it is about, if any; lines and columns count from 1.
  std::string file;
  std::string key_path;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  Status() = default;
  Status(std::int32_t status_code, std::string text) : code(status_code), message(std::move(text)) {}
  [[nodiscard]] bool is_ok() const noexcept { return code == AGENT_OK; }
  explicit operator bool() const noexcept { return is_ok(); }
};

[[nodiscard]] inline Status ok() { return {}; }

/// Copies a text into a NUL-terminated buffer, cut at the border of a UTF-8 character where it is too long.
template <std::size_t capacity>
void copy_text(char (&buffer)[capacity], std::string_view value) noexcept {
  std::size_t length = value.size();
  if (length >= capacity) {
    length = capacity - 1;
    while (length > 0 && (static_cast<unsigned char>(value[length]) & 0xC0U) == 0x80U) --length;
  }
  if (length > 0) std::memcpy(buffer, value.data(), length);
  buffer[length] = '\0';
}

/// Fills the caller's error buffer (which may be NULL) and hands the code back, to be returned.
inline std::int32_t fill(agent_error* error, std::int32_t code, std::string_view message) noexcept {
  if (error != nullptr && AGENT_HAS_FIELD(error, message)) {
    error->code = code;
    copy_text(error->message, message);
  }
  return code;
}

/// The same with the place that the status is about.
inline std::int32_t fill(agent_error* error, const Status& status) noexcept {
  if (error != nullptr && AGENT_HAS_FIELD(error, key_path)) {
    error->line = status.line;
    error->column = status.column;
    copy_text(error->file, status.file);
    copy_text(error->key_path, status.key_path);
  }
  return fill(error, status.code, status.message);
}

/// What the other side wrote into `error`, as a Status.
[[nodiscard]] inline Status to_status(std::int32_t code, const agent_error& error) {
  return code == AGENT_OK ? ok() : Status(code, error.message);
}

/// Calls `body`, which returns a Status, and turns any exception into AGENT_E_INTERNAL. Every trampoline runs through
/// this.
template <class Body>
std::int32_t guarded(agent_error* error, Body&& body) noexcept {
  try {
    const Status status = body();
    return status.is_ok() ? AGENT_OK : fill(error, status);
  } catch (const std::exception& exception) {
    return fill(error, AGENT_E_INTERNAL, exception.what());
  } catch (...) {
    return fill(error, AGENT_E_INTERNAL, "an exception of an unknown type reached the plugin's boundary");
  }
}

}  // namespace agent
