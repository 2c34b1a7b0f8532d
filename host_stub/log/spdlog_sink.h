// The host's log: a LogSink that writes text or JSON lines to stderr through spdlog.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "log/log_sink.h"

namespace host_stub {

enum class LogFormat : std::uint8_t { text, json };

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  bool colours = false;  ///< text only; see colours_wanted()
};

/// A sink that writes to `file` (borrowed; stderr in the program), one line a call, flushed at once.
/// text: `2026-01-02T03:04:05.678Z INFO  kafka_events.producer: message name=value`
/// json: one object with the field names of OpenTelemetry's log data model: timestamp, severity_text, severity_number,
///       scope, body, attributes.
[[nodiscard]] std::unique_ptr<LogSink> make_log_sink(const LogSettings& settings, std::FILE* file = stderr);

/// Colours belong on a terminal only, and never where NO_COLOR is set to something (no-color.org).
[[nodiscard]] bool colours_wanted(int file_descriptor, const char* no_color);

/// "trace", "debug", "info", "warning" ("warn"), "error", in any case; nothing for other texts.
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text);

/// One line of each format without its line end; `timestamp` is RFC 3339. For the sink and its tests.
[[nodiscard]] std::string text_line(LogLevel level, std::string_view timestamp, std::string_view scope,
                                    std::string_view message, std::span<const LogField> fields, bool colours);
[[nodiscard]] std::string json_line(LogLevel level, std::string_view timestamp, std::string_view scope,
                                    std::string_view message, std::span<const LogField> fields);

}  // namespace host_stub
