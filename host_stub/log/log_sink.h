// Where the host's and the plugins' log lines go. The implementation (spdlog) is chosen by cli/; everybody else knows
// this.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace host_stub {

enum class LogLevel : std::int32_t { trace = 0, debug = 1, info = 2, warning = 3, error = 4 };  // as AGENT_LOG_…

struct LogField {
  std::string_view name;
  std::string_view value;
};

/// All functions may be called from any thread.
class LogSink {
 public:
  virtual ~LogSink() = default;
  [[nodiscard]] virtual LogLevel level() const noexcept = 0;
  /// `origin` is "host" or a plugin's name; `component` a part of it.
  virtual void write(LogLevel level, std::string_view origin, std::string_view component, std::string_view message,
                     std::span<const LogField> fields = {}) noexcept = 0;
};

}  // namespace host_stub
