#include "cli/demo_topics.h"

#include <algorithm>
#include <chrono>
#include <rapidjson/document.h>
#include <set>
#include <string>
#include <utility>

#include "cli/explain.h"
#include "cli/url.h"

namespace host_stub::cli {
namespace {

constexpr std::chrono::seconds answer_timeout{5};

/// "kafka_topic" of every route in an explanation.
std::vector<std::string> topics_in(const std::string& explanation) {
  rapidjson::Document document;
  document.Parse(explanation.data(), explanation.size());
  std::vector<std::string> topics;
  if (document.HasParseError() || !document.IsObject()) return topics;
  const auto routes = document.FindMember("routes");
  if (routes == document.MemberEnd() || !routes->value.IsArray()) return topics;
  for (const rapidjson::Value& route : routes->value.GetArray()) {
    if (!route.IsObject()) continue;
    const auto topic = route.FindMember("kafka_topic");
    const bool named = topic != route.MemberEnd() && topic->value.IsString() && topic->value.GetStringLength() > 0;
    if (named) topics.emplace_back(topic->value.GetString(), topic->value.GetStringLength());
  }
  return topics;
}

}  // namespace

void make_demo_topics(Host& host, const std::vector<EventFields>& events, bool requests) {
  const std::optional<std::string> path = explain_path(host);
  if (!path.has_value() || host.embedded_kafka() == nullptr) return;
  std::set<std::pair<std::string, std::string>> kinds;
  for (const EventFields& event : events) kinds.emplace(event.topic, event.tenant);
  std::set<std::string> topics;
  if (requests) topics = {"demo-ask", "demo-ask.reply"};  // conf/demo.yaml
  for (const auto& [topic, tenant] : kinds) {
    const std::string target = *path + "?topic=" + percent_encode(topic) + "&tenant=" + percent_encode(tenant);
    const HttpReply reply = host.routes().call("GET", target, "", answer_timeout);
    if (reply.status != 200) continue;
    for (std::string& name : topics_in(reply.body)) topics.insert(std::move(name));
  }
  [[maybe_unused]] const Result<void> made = host.embedded_kafka()->create_topics({topics.begin(), topics.end()});
}

}  // namespace host_stub::cli
