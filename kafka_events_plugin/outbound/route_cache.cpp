#include "outbound/route_cache.h"

#include <utility>

#include "core/request_book.h"
#include "outbound/topic_mapping.h"

namespace kafka_events {

bool is_status_topic(std::string_view event_topic) noexcept {
  return event_topic.ends_with(sent_suffix) || event_topic.ends_with(undeliverable_suffix);
}

RouteCache::RouteCache(const Router& router, std::string_view topic_prefix, std::size_t max_topics)
    : router_(router), topic_prefix_(topic_prefix), table_(max_topics) {}

const ResolvedTopic& RouteCache::find(std::string_view topic, std::unique_ptr<ResolvedTopic>& holder) {
  if (const ResolvedTopic* known = table_.find(topic); known != nullptr) return *known;
  holder = resolve(topic);
  const ResolvedTopic* kept = table_.insert(holder);
  return kept != nullptr ? *kept : *holder;
}

std::unique_ptr<ResolvedTopic> RouteCache::resolve(std::string_view topic) const {
  auto resolved = std::make_unique<ResolvedTopic>();
  resolved->topic = topic;
  resolved->is_status = is_status_topic(topic);
  if (resolved->is_status) return resolved;
  std::vector<RouteMatch> matches = router_.match(resolved->topic);
  if (matches.empty()) return resolved;
  resolved->plain_kafka_topic = topic_prefix_ + to_kafka_topic(topic);
  resolved->can_be_undone = can_be_undone(topic);
  resolved->is_answer = topic.starts_with(reply_event_prefix);
  resolved->sent_topic = resolved->topic + std::string(sent_suffix);
  resolved->undeliverable_topic = resolved->topic + std::string(undeliverable_suffix);
  resolved->sent_reaches_us = !router_.match(resolved->sent_topic).empty();
  resolved->undeliverable_reaches_us = !router_.match(resolved->undeliverable_topic).empty();
  resolved->routes = std::vector<ResolvedRoute>(matches.size());
  for (std::size_t index = 0; index < matches.size(); ++index) {
    resolve_route(*resolved, std::move(matches[index]), resolved->routes[index]);
  }
  return resolved;
}

void RouteCache::resolve_route(const ResolvedTopic& topic, RouteMatch match, ResolvedRoute& out) const {
  out.route = &router_.routes()[match.route];
  out.index = match.route;
  out.captures = std::move(match.captures);
  out.topic_is_constant = out.route->topic.constant_per_topic();
  if (!out.topic_is_constant) return;
  Event event;
  event.topic = topic.topic;
  if (Result<void> named = out.route->kafka_topic(topic_prefix_, event, out.captures, out.kafka_topic); !named.ok()) {
    out.problem = named.error().message;
  }
  out.implies_event_topic = topic.can_be_undone && out.kafka_topic == topic.plain_kafka_topic;
  const config::RouteSettings& settings = out.route->settings;
  out.may_be_plain = out.problem.empty() && out.implies_event_topic && !topic.is_answer &&
                     settings.partitions.empty() && settings.reply_to.empty() && out.route->codec->passes_payload();
}

}  // namespace kafka_events
