// The worker that reads answers, made from the routes that ask for them.
#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <unistd.h>

#include "config/properties.h"
#include "config/workers.h"
#include "requests/pending_requests.h"

namespace kafka_events {
namespace {

constexpr std::string_view worker_name = "replies";
constexpr std::string_view topic_characters = "[A-Za-z0-9._-]+";
/// For a placeholder at the beginning: Kafka's own topics begin with two underscores.
constexpr std::string_view first_characters = "_?[A-Za-z0-9.-][A-Za-z0-9._-]*";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Behind the placeholder that begins at `at` (outbound/template.h has their spellings).
std::size_t end_of_placeholder(std::string_view text, std::size_t at) {
  const bool braces = text[at] == '{' || (at + 1 < text.size() && text[at + 1] == '{');
  if (braces) {
    const std::size_t end = text.find('}', at);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  std::size_t end = at + 1;
  if (end < text.size() && text[end] >= '0' && text[end] <= '9') return end + 1;
  while (end < text.size() && is_name_character(text[end])) ++end;
  return end;
}

/// The topics that a template can give, as a subscription: itself, or a pattern.
std::string topics_of(std::string_view text) {
  if (text.find_first_of("{$") == std::string_view::npos) return std::string(text);
  std::string pattern = "^";
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '{' || text[at] == '$') {
      pattern += at == 0 ? first_characters : topic_characters;
      at = end_of_placeholder(text, at);
      continue;
    }
    if (text[at] == '.') pattern += '\\';
    pattern += text[at++];
  }
  return pattern;
}

/// What tells this process from all others, and is the same for each version of the module in it: host name, process id,
/// and when it began, because in a container the id is mostly 1.
std::string process_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host.front() = 0;
  std::string name(host.data());
  name.append(1, '-').append(std::to_string(getpid()));
  std::ifstream file("/proc/self/stat");
  const std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  constexpr int start_time = 20;  // field 22 of proc(5), counted from the one behind the name in brackets
  std::size_t at = stat.rfind(')');
  for (int field = 0; field < start_time && at != std::string::npos; ++field) at = stat.find(' ', at + 1);
  if (at == std::string::npos) return name;
  return name.append(1, '-').append(stat, at + 1, stat.find(' ', at + 1) - at - 1);
}

/// What producers and consumers have in common: where the brokers are, and how to be let in.
bool is_common(const config::Property& property) {
  constexpr std::array prefixes = {"bootstrap.",      "client.id",   "security.", "ssl.",      "sasl.",
                                   "enable.ssl",      "enable.sasl", "socket.",   "broker.",   "api.version",
                                   "connections.max", "reconnect.",  "log",       "metadata.", "retry.backoff"};
  return std::ranges::any_of(prefixes, [&](const char* prefix) { return property.name.starts_with(prefix); });
}

std::vector<config::Property> properties_of(const config::Settings& settings, const std::string& group) {
  std::vector<config::Property> properties;
  if (settings.workers.empty()) {
    std::ranges::copy_if(settings.producer.properties, std::back_inserter(properties), is_common);
  } else {
    properties = settings.workers.front().properties;
  }
  std::erase_if(properties, [](const config::Property& each) { return each.name == "group.instance.id"; });
  const config::Place place{"", 0, 0, "kafka_events.requests"};
  for (const auto& [name, value] : {std::pair{"group.id", group.c_str()},
                                    {"auto.offset.reset", "latest"},
                                    {"enable.auto.commit", "true"},
                                    {"enable.auto.offset.store", "false"},
                                    {"fetch.min.bytes", "1"}}) {
    config::set_property(properties, {name, value, false, place});
  }
  constexpr std::string_view refresh = "topic.metadata.refresh.interval.ms";
  const config::Property* interval = config::find_property(properties, refresh);
  if (interval == nullptr || interval->place.file.empty()) {
    config::set_property(properties, {std::string(refresh), "1000", false, place});
  }
  return properties;
}

std::string group_of(const config::Settings& settings) {
  const std::string base = settings.workers.empty() ? "kafka_events" : settings.workers.front().group;
  return base + "-replies-" + process_name();
}

}  // namespace

std::optional<config::WorkerSettings> reply_worker(const config::Settings& settings) {
  config::WorkerSettings worker;
  for (const config::RouteSettings& route : settings.routes) {
    if (route.reply_to.empty()) continue;
    std::string topic = config::subscription(topics_of(route.reply_to), route.with_prefix ? settings.topic_prefix : "");
    if (std::ranges::find(worker.topics, topic) == worker.topics.end()) worker.topics.push_back(std::move(topic));
  }
  if (worker.topics.empty()) return std::nullopt;
  worker.name = worker_name;
  worker.group = group_of(settings);
  worker.reply_to.clear();
  worker.on_failure = config::OnFailure::skip;
  worker.keep_start = true;
  worker.properties = properties_of(settings, worker.group);
  worker.place.key_path = "kafka_events.requests";
  return worker;
}

}  // namespace kafka_events
