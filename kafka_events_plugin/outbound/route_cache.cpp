#include "outbound/route_cache.h"

#include <algorithm>
#include <utility>

#include "core/request_book.h"
#include "outbound/topic_mapping.h"

namespace kafka_events {

StatusTopic::StatusTopic(std::string_view event_topic, std::string_view suffix) {
  if (event_topic.size() + suffix.size() > few_.size()) {
    many_.append(event_topic).append(suffix);
    text_ = many_;
    return;
  }
  char* const end = std::copy(event_topic.begin(), event_topic.end(), few_.begin());
  text_ = {few_.data(), static_cast<std::size_t>(std::copy(suffix.begin(), suffix.end(), end) - few_.data())};
}

bool is_status_topic(std::string_view event_topic) noexcept {
  return event_topic.ends_with(sent_suffix) || event_topic.ends_with(undeliverable_suffix);
}

RouteCache::RouteCache(const Router& router, std::string_view topic_prefix, std::size_t max_topics)
    : router_(router), topic_prefix_(topic_prefix), literal_topics_(router.routes().size()), table_(max_topics) {
  for (std::size_t index = 0; index < literal_topics_.size(); ++index) {
    const Route& route = router.routes()[index];
    std::string& name = literal_topics_[index];
    if (route.topic.is_literal() && !route.kafka_topic(topic_prefix_, Event{}, {}, name).ok()) name.clear();
  }
}

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
  resolved->can_be_undone = can_be_undone(topic);
  resolved->is_answer = topic.starts_with(reply_event_prefix);
  resolved->sent_reaches_us = !router_.match(StatusTopic(topic, sent_suffix)).empty();
  resolved->undeliverable_reaches_us = !router_.match(StatusTopic(topic, undeliverable_suffix)).empty();
  resolved->routes = std::vector<ResolvedRoute>(matches.size());
  for (std::size_t index = 0; index < matches.size(); ++index) {
    resolve_route(*resolved, std::move(matches[index]), resolved->routes[index]);
  }
  return resolved;
}

void RouteCache::name_topic(const ResolvedTopic& topic, ResolvedRoute& out) const {
  out.kafka_topic = literal_topics_[out.index];
  if (!out.kafka_topic.empty()) return;
  Event event;
  event.topic = topic.topic;
  std::string name;
  const Result<void> named = out.route->kafka_topic(topic_prefix_, event, out.captures, name);
  out.has_problem = !named.ok();
  out.text = std::make_unique<const std::string>(named.ok() ? name : named.error().message);
  if (!out.has_problem) out.kafka_topic = *out.text;
}

void RouteCache::resolve_route(const ResolvedTopic& topic, RouteMatch match, ResolvedRoute& out) const {
  out.route = &router_.routes()[match.route];
  out.index = static_cast<std::uint32_t>(match.route);
  out.captures = std::move(match.captures);
  out.topic_is_constant = out.route->topic.constant_per_topic();
  if (!out.topic_is_constant) return;
  name_topic(topic, out);
  out.implies_event_topic = topic.can_be_undone && is_plain_topic(topic_prefix_, topic.topic, out.kafka_topic);
  const config::RouteSettings& settings = out.route->settings;
  out.may_be_plain = !out.has_problem && out.implies_event_topic && !topic.is_answer && settings.partitions.empty() &&
                     settings.reply_to.empty() && out.route->codec->passes_payload();
}

}  // namespace kafka_events
