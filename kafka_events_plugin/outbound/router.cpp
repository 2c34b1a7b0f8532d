#include "outbound/router.h"

#include <array>
#include <re2/re2.h>
#include <utility>

#include "outbound/topic_mapping.h"

namespace kafka_events {
namespace {

constexpr std::size_t max_captures = 9;

Error at_route(const config::RouteSettings& settings, const std::string& what) {
  std::string where = settings.name;
  if (settings.place.line != 0) {
    where += " (" + settings.place.file + ":" + std::to_string(settings.place.line) + ":" +
             std::to_string(settings.place.column) + ")";
  }
  return {ErrorCode::invalid, where + ": " + what};
}

Result<Template> compile_template(const config::RouteSettings& settings, std::string_view option,
                                  const std::string& text, std::size_t groups) {
  Result<Template> compiled = Template::compile(text);
  if (!compiled.ok()) return at_route(settings, std::string(option) + ": " + compiled.error().message);
  const std::size_t highest = compiled.value().highest_capture();
  if (highest > groups) {
    return at_route(settings, std::string(option) + ": {" + std::to_string(highest) +
                                  "} is used, but the pattern has " + std::to_string(groups) +
                                  (groups == 1 ? " group" : " groups"));
  }
  return compiled;
}

Result<void> check_topic_literals(const config::RouteSettings& settings, std::string_view option,
                                  const Template& topic) {
  for (const std::string_view literal : topic.literals()) {
    const std::optional<std::size_t> position = first_forbidden_character(literal);
    if (!position) continue;
    return at_route(settings, std::string(option) + ": '" + literal[*position] +
                                  "' cannot be in a Kafka topic name (letters, digits, '.', '_' and '-' can)");
  }
  return {};
}

struct TopicTemplate {
  std::string_view what;
  const Template& text;
};

Result<void> render_topic(const TopicTemplate& topic, std::string_view prefix, const Event& event,
                          std::span<const std::string_view> captures, std::string& out) {
  out = prefix;
  if (Result<void> rendered = topic.text.render(event, captures, out); !rendered.ok()) {
    return rendered.error().within(topic.what);
  }
  const std::optional<TopicNameProblem> problem = check_kafka_topic(out);
  if (!problem) return {};
  std::string message = std::string(topic.what) + ": " + problem->message;
  if (problem->position && *problem->position >= prefix.size()) {
    const std::string source = topic.text.placeholder_at(event, captures, *problem->position - prefix.size());
    if (!source.empty()) message += ", it comes from " + source;
    if (source == "{topic}") message += ": write {topic:kafka}";
  }
  return Error(ErrorCode::invalid, std::move(message));
}

}  // namespace

Route::Route(config::RouteSettings route_settings, std::unique_ptr<re2::RE2> compiled, Template topic_template,
             Template key_template, Template reply_template, std::unique_ptr<Codec> route_codec)
    : settings(std::move(route_settings)),
      pattern(std::move(compiled)),
      topic(std::move(topic_template)),
      key(std::move(key_template)),
      reply_to(std::move(reply_template)),
      codec(std::move(route_codec)) {}
Route::Route(Route&&) noexcept = default;
Route::~Route() = default;

Result<void> Route::kafka_topic(std::string_view prefix, const Event& event, std::span<const std::string_view> captures,
                                std::string& out) const {
  return render_topic({"Kafka topic", topic}, settings.with_prefix ? prefix : "", event, captures, out);
}

Result<void> Route::reply_topic(std::string_view prefix, const Event& event, std::span<const std::string_view> captures,
                                std::string& out) const {
  return render_topic({"reply topic", reply_to}, settings.with_prefix ? prefix : "", event, captures, out);
}

Router::Router() = default;
Router::Router(Router&&) noexcept = default;
Router::~Router() = default;

Result<Router> Router::create(std::span<const config::RouteSettings> settings, const CodecParts& codecs) {
  Router router;
  router.routes_.reserve(settings.size());
  for (const config::RouteSettings& route : settings) {
    if (Result<void> added = router.add(route, codecs); !added.ok()) return added.error();
  }
  return router;
}

Result<void> Router::add(const config::RouteSettings& settings, const CodecParts& codecs) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_unique<re2::RE2>(settings.match, options);
  if (!pattern->ok()) return at_route(settings, "match: \"" + settings.match + "\": " + pattern->error());
  const auto groups = static_cast<std::size_t>(pattern->NumberOfCapturingGroups());
  Result<Template> topic = compile_template(settings, "topic", settings.topic, groups);
  if (!topic.ok()) return topic.error();
  if (Result<void> checked = check_topic_literals(settings, "topic", topic.value()); !checked.ok()) return checked;
  Result<Template> key = compile_template(settings, "key", settings.key, groups);
  if (!key.ok()) return key.error();
  Result<Template> reply_to = compile_template(settings, "reply_to", settings.reply_to, groups);
  if (!reply_to.ok()) return reply_to.error();
  if (Result<void> checked = check_topic_literals(settings, "reply_to", reply_to.value()); !checked.ok())
    return checked;
  Result<std::unique_ptr<Codec>> codec = make_codec(settings.codec, settings.schema, codecs);
  if (!codec.ok()) return at_route(settings, codec.error().message);
  routes_.emplace_back(settings, std::move(pattern), std::move(topic).value(), std::move(key).value(),
                       std::move(reply_to).value(), std::move(codec).value());
  return {};
}

std::vector<RouteMatch> Router::match(std::string_view topic) const {
  std::vector<RouteMatch> matches;
  for (std::size_t index = 0; index < routes_.size(); ++index) {
    const Route& route = routes_[index];
    std::array<re2::StringPiece, max_captures + 1> groups;
    const int wanted = static_cast<int>(
        std::min<std::size_t>(groups.size(), static_cast<std::size_t>(route.pattern->NumberOfCapturingGroups()) + 1));
    if (!route.pattern->Match(topic, 0, topic.size(), re2::RE2::ANCHOR_START, groups.data(), wanted)) continue;
    RouteMatch match{index, {}};
    for (std::size_t group = 1; group < static_cast<std::size_t>(wanted); ++group) {
      match.captures.emplace_back(groups[group].data(), groups[group].size());
    }
    matches.push_back(std::move(match));
    if (!route.settings.continue_matching) break;
  }
  return matches;
}

std::vector<std::string> Router::patterns() const {
  std::vector<std::string> all;
  all.reserve(routes_.size());
  for (const Route& route : routes_) all.push_back(route.settings.match);
  return all;
}

}  // namespace kafka_events
