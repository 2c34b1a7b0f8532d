// Lines go through one spdlog logger, which keeps those of several threads apart.
#include "log/spdlog_sink.h"

#include <array>
#include <chrono>
#include <ctime>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>
#include <utility>

namespace host_stub {
namespace {

/// RFC 3339 in UTC with milliseconds.
std::string timestamp_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", std::string_view(text.data(), size), milliseconds % 1000);
}

/// Writes what it is given, and nothing around it.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(std::FILE* file) : file_(file) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line += '\n';
    // One write a line: another process that shares the terminal cannot come between.
    if (std::fwrite(line.data(), 1, line.size(), file_) == line.size()) std::fflush(file_);
  }
  void flush_() override { std::fflush(file_); }

  std::FILE* file_;
};

class SpdlogSink final : public LogSink {
 public:
  SpdlogSink(const LogSettings& settings, std::FILE* file)
      : settings_(settings), logger_("host_stub", std::make_shared<FileSink>(file)) {}

  [[nodiscard]] LogLevel level() const noexcept override { return settings_.level; }

  void write(LogLevel level, std::string_view origin, std::string_view component, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    if (level < settings_.level) return;
    try {
      std::string scope(origin);
      if (!component.empty()) scope.append(".").append(component);
      const std::string timestamp = timestamp_now();
      logger_.log(spdlog::level::critical,
                  settings_.format == LogFormat::json
                      ? json_line(level, timestamp, scope, message, fields)
                      : text_line(level, timestamp, scope, message, fields, settings_.colours));
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory for a log line is no reason to end the program
    }
  }

 private:
  LogSettings settings_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<LogSink> make_log_sink(const LogSettings& settings, std::FILE* file) {
  return std::make_unique<SpdlogSink>(settings, file);
}

bool colours_wanted(int file_descriptor, const char* no_color) {
  return (no_color == nullptr || *no_color == '\0') && ::isatty(file_descriptor) == 1;
}

}  // namespace host_stub
