// Lines in the host's log. On a host without one, nothing is written and nothing breaks.
//
//   agent::Log log = agent::Log::of(host, "echo");
//   log.info("subscribed", {{"messaging.destination.name", topic}});
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/ext/log.h"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

/// A name (OpenTelemetry's where there is one) and a value. Never a payload, a key, a tenant or a secret.
using Field = std::pair<std::string_view, std::string_view>;

/// All functions may be called from any thread.
class Log {
 public:
  [[nodiscard]] static Log of(const agent_host* host, std::string component) {
    return {host, static_cast<const agent_log*>(host->get_extension(host, AGENT_EXT_LOG)), std::move(component)};
  }

  /// Is this level (AGENT_LOG_…) written? Ask before building a costly line.
  [[nodiscard]] bool enabled(std::int32_t level) const noexcept {
    return log_ != nullptr && level >= log_->level(host_);
  }

  void debug(std::string_view message, std::initializer_list<Field> fields = {}) const {
    write(AGENT_LOG_DEBUG, message, fields);
  }
  void info(std::string_view message, std::initializer_list<Field> fields = {}) const {
    write(AGENT_LOG_INFO, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<Field> fields = {}) const {
    write(AGENT_LOG_WARNING, message, fields);
  }
  void error(std::string_view message, std::initializer_list<Field> fields = {}) const {
    write(AGENT_LOG_ERROR, message, fields);
  }

  void write(std::int32_t level, std::string_view message, std::initializer_list<Field> fields) const {
    if (!enabled(level)) return;
    std::vector<agent_log_field> values;
    values.reserve(fields.size());
    std::vector<const agent_log_field*> pointers;
    for (const Field& field : fields) {
      values.push_back({static_cast<std::uint32_t>(sizeof(agent_log_field)), 0, text(field.first), text(field.second)});
      pointers.push_back(&values.back());
    }
    log_->write(host_, level, text(component_), text(message), pointers.data(), pointers.size());
  }

 private:
  Log(const agent_host* host, const agent_log* log, std::string component)
      : host_(host), log_(log), component_(std::move(component)) {}

  const agent_host* host_;
  const agent_log* log_;
  std::string component_;
};

}  // namespace agent
