#include "cli/options.h"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

namespace host_stub::cli {
namespace {

constexpr std::string_view default_host = "127.0.0.1";
constexpr std::uint16_t default_port = 3001;

LogSettings read_log(Settings& settings, LogLevel otherwise) {
  LogSettings log;
  log.level = parse_log_level(settings.text_or("log-level", "")).value_or(otherwise);
  log.format = settings.text_or("log-format", "text") == "json" ? LogFormat::json : LogFormat::text;
  log.colours = colours_wanted(STDERR_FILENO, std::getenv("NO_COLOR"));  // NOLINT(concurrency-mt-unsafe): no thread yet
  return log;
}

std::vector<ConfigOverride> read_overrides(Settings& settings) {
  std::vector<ConfigOverride> overrides;
  for (const std::string& text : settings.list("plugin-config-value")) {
    const std::size_t equals = text.find('=');
    const std::size_t dot = text.find('.');
    if (equals == std::string::npos || dot == 0 || dot == std::string::npos || dot + 1 >= equals) {
      settings.refuse("plugin-config-value", "PLUGIN.KEY=VALUE is wanted, such as kafka_events.client_id=agent-1");
      continue;
    }
    overrides.push_back({text.substr(0, dot), text.substr(dot + 1, equals - dot - 1), text.substr(equals + 1)});
  }
  return overrides;
}

/// --worker NAME, repeated or with commas, is the plugin's own option run_workers. It comes last, so that it beats -o.
void add_workers(Settings& settings, std::vector<ConfigOverride>& overrides) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";  // of a worker's name
  if (settings.find("worker") == nullptr) return;
  std::string names;
  for (const std::string& text : settings.list("worker")) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      const std::string name = text.substr(begin, end - begin);
      if (name.empty() || name.find_first_not_of(allowed) != std::string::npos) {
        settings.refuse("worker", "\"" + name + "\" is not the name of a worker (A-Z a-z 0-9 . _ -)");
      }
      names.append(names.empty() ? "\"" : ", \"").append(name).append("\"");
      begin = end + 1;
    }
  }
  overrides.push_back({"kafka_events", "run_workers", "[" + names + "]"});
}

/// No admin flag at all: no admin server. An address without key or --admin-insecure-mode is refused, as ACA-Py does.
std::optional<AdminServerOptions> read_admin(Settings& settings) {
  const Setting* address = settings.find("admin");
  AdminServerOptions admin;
  admin.host = default_host;
  admin.port = default_port;
  admin.version = HOST_STUB_VERSION;
  admin.api_key = settings.text("admin-api-key");
  admin.insecure_mode = settings.toggle("admin-insecure-mode");
  if (address == nullptr && !admin.api_key.has_value() && !admin.insecure_mode) return std::nullopt;
  if (address != nullptr && address->values.size() == 2) {
    admin.host = address->values[0];
    const auto port = parse_number(address->values[1], 0, 65535);
    if (!port.has_value()) settings.refuse("admin", "\"" + address->values[1] + "\" is no port from 0 to 65535");
    admin.port = static_cast<std::uint16_t>(port.value_or(0));
  } else if (address != nullptr) {
    settings.refuse("admin", "takes HOST PORT");
  }
  if (admin.api_key.has_value() && admin.insecure_mode) {
    settings.refuse("admin-insecure-mode", "excludes --admin-api-key; give one of them");
  } else if (!admin.api_key.has_value() && !admin.insecure_mode) {
    settings.refuse("admin", "the admin server needs --admin-api-key KEY, or --admin-insecure-mode for development");
  } else if (admin.api_key.has_value() && admin.api_key->empty()) {
    settings.refuse("admin-api-key", "is empty");
  }
  return admin;
}

HostSettings read_host(Settings& settings, const Environment& environment) {
  HostSettings host;
  host.plugins = settings.list("plugin");
  host.plugin_dirs = settings.list("plugin-dir");
  const auto path = environment.find("AGENT_PLUGIN_PATH");
  if (path != environment.end()) host.plugin_path = path->second;
  host.config_file = settings.text_or("plugin-config", "");
  host.overrides = read_overrides(settings);
  add_workers(settings, host.overrides);
  host.label = settings.text_or("label", "");
  host.wallet_id = settings.text_or("wallet-id", "");
  return host;
}

SwapSettings read_swap_settings(Settings& settings) {
  SwapSettings swap;
  if (const auto seconds = settings.number("swap-probation", 0, 3600)) swap.probation = std::chrono::seconds(*seconds);
  if (const auto seconds = settings.number("swap-timeout", 1, 600)) swap.timeout = std::chrono::seconds(*seconds);
  if (const auto events = settings.number("swap-max-held", 1, 10'000'000)) {
    swap.max_held = static_cast<std::size_t>(*events);
  }
  return swap;
}

std::chrono::seconds read_drain_timeout(Settings& settings) {
  return std::chrono::seconds(settings.number("drain-timeout", 0, 3600).value_or(10));
}

/// check-config and explain are about kafka_events unless said otherwise.
HostSettings read_kafka_host(Settings& settings, const Environment& environment) {
  HostSettings host = read_host(settings, environment);
  if (host.plugins.empty()) host.plugins.emplace_back("kafka_events");
  return host;
}

}  // namespace

OutputFormat read_format(const Settings& settings) {
  return settings.text_or("format", "text") == "json" ? OutputFormat::json : OutputFormat::text;
}

StartOptions read_start(CommandLine& line, const Environment& environment) {
  Settings& settings = line.settings;
  StartOptions options;
  options.host = read_host(settings, environment);
  options.host.admin = read_admin(settings);
  options.host.swap = read_swap_settings(settings);
  const std::string validator = settings.text_or("validator", "");
  options.host.validator.none = validator == "none";
  if (!options.host.validator.none) options.host.validator.program = validator;
  options.host.embedded_kafka = settings.find("embedded-kafka") != nullptr;
  if (const auto port = settings.text("embedded-kafka"); port.has_value()) {
    const auto number = settings.number("embedded-kafka", 1, 65535);
    options.host.embedded_kafka_port = static_cast<std::uint16_t>(number.value_or(0));
  }
  options.log = read_log(settings, LogLevel::info);
  options.drain_timeout = read_drain_timeout(settings);
  return options;
}

CheckConfigOptions read_check_config(CommandLine& line, const Environment& environment) {
  CheckConfigOptions options;
  options.host = read_kafka_host(line.settings, environment);
  options.host.config_file = line.positionals[0].value_or("");
  options.log = read_log(line.settings, LogLevel::error);
  return options;
}

ExplainOptions read_explain(CommandLine& line, const Environment& environment) {
  ExplainOptions options;
  options.host = read_kafka_host(line.settings, environment);
  if (options.host.config_file.empty()) line.settings.refuse("plugin-config", "FILE is missing");
  options.log = read_log(line.settings, LogLevel::error);
  options.topic = line.positionals[0].value_or("");
  options.tenant = line.settings.text("tenant");
  options.payload = line.settings.text("payload");
  options.format = read_format(line.settings);
  return options;
}

DemoOptions read_demo(CommandLine& line, const Environment& environment) {
  Settings& settings = line.settings;
  DemoOptions options;
  options.start.host = read_host(settings, environment);
  std::vector<std::string>& plugins = options.start.host.plugins;
  if (plugins.empty()) plugins = {"kafka_events", "echo"};
  options.requests = std::ranges::any_of(
      plugins, [](const std::string& plugin) { return plugin == "echo" || plugin.ends_with("/echo.so"); });
  // conf/demo.yaml gives questions that come in from Kafka these event topics.
  if (options.requests)
    options.start.host.overrides.insert(options.start.host.overrides.begin(), {"echo", "topics", "^question::"});
  options.start.host.embedded_kafka = true;
  if (settings.find("admin") == nullptr) {
    options.start.host.any_admin_port = true;
    settings.set("admin", {Layer::arg_file, "--admin", {std::string(default_host), std::to_string(default_port)}});
  }
  settings.forget("admin-api-key");
  settings.set("admin-insecure-mode", {Layer::command_line, "--admin-insecure-mode", {"true"}});
  options.start.host.admin = read_admin(settings);
  options.start.log = read_log(settings, LogLevel::error);
  options.start.drain_timeout = read_drain_timeout(settings);
  options.events_file = settings.text_or("events", "");
  options.once = settings.toggle("once");
  if (options.start.host.config_file.empty()) settings.refuse("plugin-config", "FILE is missing");
  if (options.events_file.empty()) settings.refuse("events", "FILE is missing");
  return options;
}

}  // namespace host_stub::cli
