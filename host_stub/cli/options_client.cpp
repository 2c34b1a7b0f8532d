// The verbs that talk to a running host.
#include "cli/options.h"

namespace host_stub::cli {
namespace {

ClientOptions read_client(const Settings& settings) {
  return {settings.text_or("admin-url", "http://127.0.0.1:3001"), settings.text("admin-api-key")};
}

std::optional<std::pair<std::string, std::string>> split_header(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

std::vector<std::pair<std::string, std::string>> read_headers(Settings& settings) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const std::string& text : settings.list("header")) {
    if (auto header = split_header(text); header.has_value()) {
      headers.push_back(*std::move(header));
    } else {
      settings.refuse("header", "NAME=VALUE is wanted, not \"" + text + "\"");
    }
  }
  return headers;
}

}  // namespace

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
  options.headers = read_headers(settings);
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

RequestOptions read_request(CommandLine& line) {
  Settings& settings = line.settings;
  RequestOptions options;
  options.client = read_client(settings);
  options.topic = line.positionals[0].value_or("");
  if (options.topic.empty()) settings.refuse("TOPIC", "is missing");
  options.source = line.positionals[1].value_or("");
  options.tenant = settings.text("tenant");
  options.key = settings.text("key");
  options.headers = read_headers(settings);
  if (const auto seconds = settings.number("timeout", 1, 3600)) options.timeout = std::chrono::seconds(*seconds);
  options.format = read_format(settings);
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

}  // namespace host_stub::cli
