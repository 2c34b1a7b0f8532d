// One log line in each of the two formats, as pure functions, and the names of the levels.
#include <array>
#include <cctype>

#include "log/spdlog_sink.h"

namespace host_stub {
namespace {

struct LevelName {
  std::string_view padded;  ///< for text, all of one width
  std::string_view severity;
  std::string_view number;  ///< OpenTelemetry's log data model, SeverityNumber
  std::string_view colour;
};

constexpr std::array<LevelName, 5> level_names{{{"TRACE", "TRACE", "1", "\x1b[90m"},
                                                {"DEBUG", "DEBUG", "5", "\x1b[36m"},
                                                {"INFO ", "INFO", "9", "\x1b[32m"},
                                                {"WARN ", "WARN", "13", "\x1b[33m"},
                                                {"ERROR", "ERROR", "17", "\x1b[31m"}}};
constexpr std::string_view colour_off = "\x1b[0m";

const LevelName& name_of(LogLevel level) {
  const auto index = static_cast<std::size_t>(level);
  return level_names[index < level_names.size() ? index : level_names.size() - 1];
}

void append_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out += '\\';
      out += character;
    } else if (byte < 0x20 || byte == 0x7f) {
      append_escape(out, byte);
    } else {
      out += character;
    }
  }
  out += '"';
}

/// A control character in a line for people would let a text forge further lines.
void append_visible(std::string& out, std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) {
      append_escape(out, byte);
    } else {
      out += character;
    }
  }
}

void append_field_value(std::string& out, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos;
  if (plain) {
    append_visible(out, value);
  } else {
    append_json_text(out, value);
  }
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) {
  std::string lower;
  for (const char character : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  if (lower == "trace") return LogLevel::trace;
  if (lower == "debug") return LogLevel::debug;
  if (lower == "info") return LogLevel::info;
  if (lower == "warning" || lower == "warn") return LogLevel::warning;
  if (lower == "error") return LogLevel::error;
  return std::nullopt;
}

std::string text_line(LogLevel level, std::string_view timestamp, std::string_view scope, std::string_view message,
                      std::span<const LogField> fields, bool colours) {
  const LevelName& name = name_of(level);
  std::string line;
  line.reserve(96 + message.size());
  line.append(timestamp).append(" ");
  if (colours) line.append(name.colour);
  line.append(name.padded);
  if (colours) line.append(colour_off);
  line.append(" ");
  append_visible(line, scope);
  line.append(": ");
  append_visible(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    append_visible(line, field.name);
    line += '=';
    append_field_value(line, field.value);
  }
  return line;
}

std::string json_line(LogLevel level, std::string_view timestamp, std::string_view scope, std::string_view message,
                      std::span<const LogField> fields) {
  const LevelName& name = name_of(level);
  std::string line;
  line.reserve(160 + message.size());
  line.append(R"({"timestamp":")").append(timestamp);
  line.append(R"(","severity_text":")").append(name.severity);
  line.append(R"(","severity_number":)").append(name.number);
  line.append(R"(,"scope":)");
  append_json_text(line, scope);
  line.append(R"(,"body":)");
  append_json_text(line, message);
  if (!fields.empty()) {
    line.append(R"(,"attributes":)");
    char separator = '{';
    for (const LogField& field : fields) {
      line += separator;
      separator = ',';
      append_json_text(line, field.name);
      line += ':';
      append_json_text(line, field.value);
    }
    line += '}';
  }
  line += '}';
  return line;
}

}  // namespace host_stub
