// What the host tells the person who started it, on stderr: banner, ready, degraded, how the end went.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/host.h"
#include "log/spdlog_sink.h"

namespace host_stub::cli {

/// One message as a title and fields: text gets a line each, json one object in the shape of the log's.
class Announcer {
 public:
  explicit Announcer(LogFormat format, std::FILE* file = stderr) : format_(format), file_(file) {}

  void banner(Host& host) const;
  void ready(std::chrono::milliseconds since_start) const;
  void degraded(const HostHealth& health) const;
  void stopping(std::chrono::seconds timeout) const;
  void stopped(const DrainSummary& summary) const;
  void problem(const ConfigProblem& problem) const;
  /// "host_stub: message"
  void failure(std::string_view message) const;
  void note(std::string_view message) const;

 private:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  void line(LogLevel level, std::string_view text, std::string_view body, const Fields& fields) const;

  LogFormat format_;
  std::FILE* file_;
};

/// "file:12:3: kafka_events.client_id: message"; parts that are unknown are left out.
[[nodiscard]] std::string to_line(const ConfigProblem& problem);

}  // namespace host_stub::cli
