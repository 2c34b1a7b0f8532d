// Building the settings of what stands beside routes and workers.
#include "config/services.h"

#include <algorithm>

#include "config/templates.h"
#include "config/urls.h"

namespace kafka_events::config {

namespace {

std::uint64_t number_or_none(const Values& values, std::string_view name) {
  const Value* value = values.find(name);
  return value == nullptr ? 0 : std::stoull(value->text());
}

std::string text_or_none(const Values& values, std::string_view name) {
  const Value* value = values.find(name);
  return value == nullptr ? std::string() : value->text();
}

// Of two options that are nothing without each other.
void check_pair(const Values& values, std::string_view one, std::string_view other, Report& report) {
  const Value* first = values.find(one);
  const Value* second = values.find(other);
  if ((first == nullptr) == (second == nullptr)) return;
  const std::string missing(first == nullptr ? one : other);
  if (report.is_refused(values.path + "." + missing)) return;
  report.error((first != nullptr ? first : second)->place, "is nothing without " + missing + "; write both, or none");
}

void check_registry_security(const Values& values, const RegistrySettings& registry, const LoadInput& input,
                             Report& report) {
  check_pair(values, "username", "password", report);
  check_pair(values, "certificate", "key", report);
  const bool any_https =
      std::ranges::any_of(registry.urls, [](const std::string& url) { return url.starts_with("https:"); });
  for (const std::string_view name : {"ca", "certificate", "key"}) {
    const Value* file = values.find(name);
    if (file == nullptr) continue;
    if (!any_https && !registry.urls.empty()) {
      report.warning(file->place, "has no effect without an https address in url");
    } else if (input.read_file) {
      if (const Result<std::string> content = input.read_file(file->text()); !content) {
        report.error(file->place, content.error().message);
      }
    }
  }
  const bool open = std::ranges::any_of(
      registry.urls, [](const std::string& url) { return url.starts_with("http:") && !is_loopback_url(url); });
  if (const Value* password = values.find("password"); open && password != nullptr) {
    report.warning(password->place, "goes over the network unencrypted; use https");
  }
}

TopicSpec make_topic(const Values& values, const std::string& prefix, Report& report) {
  TopicSpec topic;
  if (const Value* name = values.find("name")) {
    topic.name = prefix + name->text();
    if (topic.name.size() > longest_topic) {
      report.error(name->place, "is longer than 249 characters with topic_prefix before it");
    }
  } else if (!report.is_refused(values.path + ".name")) {
    report.error(values.place_of("name"), "is missing; every topic has a name");
  }
  const auto number = [&](std::string_view option) -> std::optional<std::int32_t> {
    const Value* value = values.find(option);
    if (value == nullptr) return std::nullopt;
    return static_cast<std::int32_t>(std::stol(value->text()));
  };
  topic.partitions = number("partitions");
  topic.replication_factor = number("replication_factor");
  for (const Property& pair : values.pairs) topic.config.emplace_back(pair.name, pair.value);
  return topic;
}

// Kafka refuses names that differ in '.' and '_' only, because its metrics have one character for both.
std::string metric_name(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

void check_distinct(const TopicSpec& topic, const std::vector<TopicSpec>& before, const Values& values,
                    Report& report) {
  if (topic.name.empty()) return;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (metric_name(before[i].name) != metric_name(topic.name)) continue;
    const std::string there = "kafka_events.topics.ensure." + std::to_string(i);
    report.error(values.place_of("name"),
                 before[i].name == topic.name
                     ? quoted(values.find("name")->text()) + " is already the name of " + there
                     : "Kafka takes '.' and '_' for the same in names of topics, and there is " + there + " already");
    return;
  }
}

}  // namespace

std::optional<RegistrySettings> make_registry(const Values& top, const LoadInput& input, Report& report) {
  const Values values = top.child("schema_registry");
  if (!values.written) return std::nullopt;
  RegistrySettings registry;
  const auto get = [&](std::string_view name) { return values.get(option(Block::schema_registry, name)); };
  registry.place = values.place;
  if (const Value* url = values.find("url")) {
    registry.urls = url->items;
  } else if (!report.is_refused(values.path + ".url")) {
    report.error(values.place_of("url"), "is missing; write the registry's address, such as \"http://127.0.0.1:8081\"");
  }
  registry.username = text_or_none(values, "username");
  registry.password = text_or_none(values, "password");
  registry.ca_file = text_or_none(values, "ca");
  registry.certificate_file = text_or_none(values, "certificate");
  registry.key_file = text_or_none(values, "key");
  registry.timeout = std::chrono::milliseconds(std::stoll(get("timeout_ms").text()));
  registry.refresh = std::chrono::milliseconds(std::stoll(get("refresh_ms").text()));
  check_registry_security(values, registry, input, report);
  return registry;
}

std::vector<TopicSpec> make_ensured_topics(const Values& top, Report& report) {
  std::vector<TopicSpec> topics;
  const Values block = top.child("topics");
  const auto found = block.children.find("ensure");
  if (found == block.children.end()) return topics;
  const std::string prefix = top.get(option(Block::top, "topic_prefix")).text();
  for (const Values& values : found->second) {
    TopicSpec topic = make_topic(values, prefix, report);
    check_distinct(topic, topics, values, report);
    topics.push_back(std::move(topic));
  }
  return topics;
}

std::optional<TenantSettings> make_tenants(const Values& top, Report& report) {
  const Values values = top.child("tenants");
  if (!values.written) return std::nullopt;
  TenantSettings tenants;
  const auto get = [&](std::string_view name) { return values.get(option(Block::tenants, name)); };
  tenants.max_events_per_second = number_or_none(values, "max_events_per_second");
  tenants.max_bytes_per_second = number_or_none(values, "max_bytes_per_second");
  tenants.max_in_flight = number_or_none(values, "max_in_flight");
  tenants.burst = std::chrono::milliseconds(std::stoll(get("burst_ms").text()));
  tenants.fair = get("fair").text() == "true";
  tenants.fair_from = std::stoull(get("fair_from").text());
  tenants.max_tenants = std::stoull(get("max_tenants").text());
  const bool rates = tenants.max_events_per_second + tenants.max_bytes_per_second > 0;
  if (const Value* burst = values.find("burst_ms"); burst != nullptr && !rates) {
    report.warning(burst->place, "has no effect without max_events_per_second or max_bytes_per_second");
  }
  if (const Value* from = values.find("fair_from"); from != nullptr && !tenants.fair) {
    report.warning(from->place, "has no effect with fair: false");
  }
  if (!tenants.fair && !rates && tenants.max_in_flight == 0) {
    report.warning(values.place_of("fair"), "false, and no limit either: the block has no effect");
  }
  return tenants;
}

LoopGuardSettings make_loop_guard(const Values& top, const std::string& client_id, const std::string& group_id,
                                  const LoadInput& input) {
  LoopGuardSettings guard;
  const Values values = top.child("loop_guard");
  const auto get = [&](std::string_view name) { return values.get(option(Block::loop_guard, name)); };
  if (const Value* origin = values.find("origin")) {
    guard.origin = origin->text();
  } else {
    guard.origin = client_id + "@" + (input.host_name ? input.host_name() : std::string("localhost")) + ":" + group_id;
  }
  guard.max_hops = static_cast<std::uint32_t>(std::stoul(get("max_hops").text()));
  guard.accept_own = get("accept_own").text() == "true";
  return guard;
}

RequestSettings make_requests(const Values& top) {
  RequestSettings requests;
  const Values values = top.child("requests");
  requests.max_pending = std::stoull(values.get(option(Block::requests, "max_pending")).text());
  requests.allowed_reply_topics = values.get(option(Block::requests, "allowed_reply_topics")).text();
  return requests;
}

std::string make_cloudevents_source(const Values& top, const std::string& client_id) {
  const Values values = top.child("cloudevents");
  if (const Value* source = values.find("source")) return source->text();
  return "/agents/" + percent_encoded(client_id);
}

}  // namespace kafka_events::config
