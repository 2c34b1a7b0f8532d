#include "cli/options.h"

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

OutputFormat read_format(const Settings& settings) {
  return settings.text_or("format", "text") == "json" ? OutputFormat::json : OutputFormat::text;
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

ClientOptions read_client(const Settings& settings) {
  return {settings.text_or("admin-url", "http://127.0.0.1:3001"), settings.text("admin-api-key")};
}

/// check-config, explain and demo are about kafka_events unless said otherwise.
HostSettings read_kafka_host(Settings& settings, const Environment& environment) {
  HostSettings host = read_host(settings, environment);
  if (host.plugins.empty()) host.plugins.emplace_back("kafka_events");
  return host;
}

std::optional<std::pair<std::string, std::string>> split_header(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

}  // namespace

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

PublishOptions read_publish(CommandLine& line) {
  Settings& settings = line.settings;
  PublishOptions options;
  options.client = read_client(settings);
  options.lines = settings.toggle("lines");
  options.wait = settings.toggle("wait");
  options.tenant = settings.text("tenant");
  options.key = settings.text("key");
  options.format = read_format(settings);
  if (const auto rate = settings.number("rate", 1, 1'000'000); rate.has_value()) {
    options.rate = static_cast<std::uint32_t>(*rate);
    if (!options.lines) settings.refuse("rate", "is for --lines only");
  }
  for (const std::string& text : settings.list("header")) {
    if (auto header = split_header(text); header.has_value()) {
      options.headers.push_back(*std::move(header));
    } else {
      settings.refuse("header", "NAME=VALUE is wanted, not \"" + text + "\"");
    }
  }
  if (options.lines) {
    options.source = line.positionals[0].value_or("-");
    if (line.positionals[1].has_value()) settings.refuse("lines", "takes one file; payloads stand in it");
    for (const std::string_view flag : {"tenant", "key", "header"}) {
      if (settings.find(flag) != nullptr) settings.refuse(flag, "stands in each line when --lines is given");
    }
    return options;
  }
  options.topic = line.positionals[0].value_or("");
  if (options.topic.empty()) settings.refuse("TOPIC", "is missing");
  options.has_payload = line.positionals[1].has_value();
  options.source = line.positionals[1].value_or("");
  return options;
}

WatchOptions read_watch(CommandLine& line) {
  WatchOptions options;
  options.client = read_client(line.settings);
  options.pattern = line.positionals[0].value_or("");
  options.format = read_format(line.settings);
  if (const auto count = line.settings.number("count", 1, 1'000'000'000); count.has_value()) {
    options.count = static_cast<std::uint64_t>(*count);
  }
  return options;
}

QueryOptions read_query(CommandLine& line) { return {read_client(line.settings), read_format(line.settings)}; }

SwapOptions read_swap(CommandLine& line) {
  Settings& settings = line.settings;
  SwapOptions options;
  options.client = read_client(settings);
  options.plugin = line.positionals[0].value_or("");
  if (options.plugin.empty()) settings.refuse("PLUGIN", "is missing");
  options.path = line.positionals[1].value_or("");
  if (const auto seconds = settings.number("probation", 0, 3600)) options.probation = std::chrono::seconds(*seconds);
  options.close_connections = settings.toggle("close-connections");
  options.wait_for_end = settings.text_or("wait", "end") == "end";
  options.format = read_format(settings);
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
  options.start.host = read_kafka_host(settings, environment);
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
