// Which routes an event topic takes, by the order in which they are written.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec_factory.h"
#include "config/settings.h"
#include "core/result.h"
#include "outbound/template.h"

namespace re2 {
class RE2;
}

namespace kafka_events {

/// A route's settings, compiled. Immutable.
struct Route {
  config::RouteSettings settings;
  std::unique_ptr<re2::RE2> pattern;
  Template topic;
  Template key;
  Template reply_to;  ///< of requests
  std::unique_ptr<Codec> codec;

  Route(config::RouteSettings route_settings, std::unique_ptr<re2::RE2> compiled, Template topic_template,
        Template key_template, Template reply_template, std::unique_ptr<Codec> route_codec);
  Route(Route&&) noexcept;
  ~Route();

  /// The Kafka topic of an event, with the prefix unless the route has none, checked. `out` is replaced. The error names
  /// the placeholder that a wrong character came from, never the value.
  Result<void> kafka_topic(std::string_view prefix, const Event& event, std::span<const std::string_view> captures,
                           std::string& out) const;
  /// The same for the topic that the answer to a request is wanted on.
  Result<void> reply_topic(std::string_view prefix, const Event& event, std::span<const std::string_view> captures,
                           std::string& out) const;
};

struct RouteMatch {
  std::size_t route = 0;                   ///< index of the route
  std::vector<std::string_view> captures;  ///< groups 1…, views into the topic
};

class Router {
 public:
  /// Fails with the route's name and place, and what is wrong with its pattern or templates.
  static Result<Router> create(std::span<const config::RouteSettings> settings, const CodecParts& codecs = {});
  Router(Router&&) noexcept;
  ~Router();

  /// Patterns are matched from the topic's start. The first match wins, unless its route continues.
  [[nodiscard]] std::vector<RouteMatch> match(std::string_view topic) const;
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
  /// Every route's pattern, for a subscription that reaches them all.
  [[nodiscard]] std::vector<std::string> patterns() const;

 private:
  Router();
  Result<void> add(const config::RouteSettings& settings, const CodecParts& codecs);
  std::vector<Route> routes_;
};

}  // namespace kafka_events
