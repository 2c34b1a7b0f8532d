// What each verb is asked to do, as plain values read from the settings.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/host.h"
#include "log/spdlog_sink.h"

namespace host_stub::cli {

enum class OutputFormat : std::uint8_t { text, json };

struct StartOptions {
  HostSettings host;
  LogSettings log;
  std::chrono::seconds drain_timeout{10};
};

/// Where the running host answers.
struct ClientOptions {
  std::string admin_url;
  std::optional<std::string> api_key;
};

struct PublishOptions {
  ClientOptions client;
  std::string topic;   ///< without --lines
  std::string source;  ///< payload (a text, @FILE, -) or, with --lines, the file
  bool has_payload = false;
  std::optional<std::string> tenant;
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::string>> headers;
  bool lines = false;
  std::optional<std::uint32_t> rate;  ///< events a second
  bool wait = false;
  OutputFormat format = OutputFormat::text;
};

struct RequestOptions {
  ClientOptions client;
  std::string topic;
  std::string source;  ///< payload: a text, @FILE, -
  std::optional<std::string> tenant;
  std::optional<std::string> key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::seconds timeout{30};
  OutputFormat format = OutputFormat::text;
};

struct WatchOptions {
  ClientOptions client;
  std::string pattern;
  std::optional<std::uint64_t> count;
  OutputFormat format = OutputFormat::text;
};

struct QueryOptions {
  ClientOptions client;
  OutputFormat format = OutputFormat::text;
};

struct SwapOptions {
  ClientOptions client;
  std::string plugin;
  std::string path;  ///< empty: the file of the running version
  std::optional<std::chrono::milliseconds> probation;
  bool close_connections = false;
  bool wait_for_end = true;  ///< false: until the new version works
  OutputFormat format = OutputFormat::text;
};

struct CheckConfigOptions {
  HostSettings host;
  LogSettings log;
};

struct ExplainOptions {
  HostSettings host;
  LogSettings log;
  std::string topic;
  std::optional<std::string> tenant;
  std::optional<std::string> payload;
  OutputFormat format = OutputFormat::text;
};

struct DemoOptions {
  StartOptions start;
  std::string events_file;
  bool once = false;
  bool requests = false;  ///< the plugin echo is there to answer them
};

[[nodiscard]] OutputFormat read_format(const Settings& settings);

// Each reads its verb's command line. What is wrong is added to line.settings.problems().
[[nodiscard]] StartOptions read_start(CommandLine& line, const Environment& environment);
[[nodiscard]] PublishOptions read_publish(CommandLine& line);
[[nodiscard]] RequestOptions read_request(CommandLine& line);
[[nodiscard]] WatchOptions read_watch(CommandLine& line);
[[nodiscard]] QueryOptions read_query(CommandLine& line);
[[nodiscard]] SwapOptions read_swap(CommandLine& line);
[[nodiscard]] CheckConfigOptions read_check_config(CommandLine& line, const Environment& environment);
[[nodiscard]] ExplainOptions read_explain(CommandLine& line, const Environment& environment);
[[nodiscard]] DemoOptions read_demo(CommandLine& line, const Environment& environment);

}  // namespace host_stub::cli
