#include "plugin/reply_route.h"

#include <algorithm>
#include <re2/re2.h>
#include <utility>

#include "core/request_book.h"

namespace kafka_events {
namespace {

/// That of some route, so that no further producer is needed for answers.
config::Qos qos_of_answers(const std::vector<config::RouteSettings>& routes) {
  const auto has = [&](config::Qos qos) { return std::ranges::find(routes, qos, &config::RouteSettings::qos); };
  if (routes.empty() || has(config::Qos::at_least_once) != routes.end()) return config::Qos::at_least_once;
  return has(config::Qos::exactly_once) != routes.end() ? config::Qos::exactly_once : config::Qos::at_most_once;
}

}  // namespace

config::Settings with_reply_route(config::Settings settings) {
  if (settings.workers.empty()) return settings;
  config::RouteSettings route;
  route.name = "replies";
  route.match.assign(1, '^');
  route.match.append(RE2::QuoteMeta(re2::StringPiece(reply_event_prefix.data(), reply_event_prefix.size())))
      .append("(.+)$");
  route.topic = "{1}";
  route.with_prefix = false;
  route.qos = qos_of_answers(settings.routes);
  route.place.key_path = "kafka_events.inbound.reply_to";
  settings.routes.insert(settings.routes.begin(), std::move(route));
  return settings;
}

}  // namespace kafka_events
