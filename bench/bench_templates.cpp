// What routing an event costs on the way out, without Kafka (--bootstrap is accepted and not used):
//
//   template_constant            a template without placeholders, against std::string::append
//   template_topic_variables     three placeholders made from the event's topic and tenant, against the same text put
//                                together by hand: the topic taken apart with find(), append()
//   template_payload_field       one that reads a member near the end of 1024 bytes of JSON, against a
//                                rapidjson::Document, its member looked up, append()
//   route_cache_hit_{N}_topics   the routes of N topics that are known, in turn, against find() in a std::unordered_map
//                                from std::string, which no second thread may touch while it changes
//
// Templates are rendered into a text that is kept and cleared, on both sides.

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <rapidjson/document.h>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness.h"
#include "outbound/route_cache.h"
#include "outbound/router.h"
#include "outbound/template.h"
#include "sample_event.h"

namespace {

using namespace bench;
using kafka_events::Event;
using kafka_events::ResolvedTopic;
using kafka_events::RouteCache;
using kafka_events::Router;
using kafka_events::Template;

struct Terms {
  const Options& options;
  std::size_t count;
};

template <class Once>
Run nanoseconds(std::size_t count, Once once) {
  return [count, once]() mutable {
    const double begin = now();
    for (std::size_t index = 0; index < count; ++index) once();
    return (now() - begin) / static_cast<double>(count) * 1e9;
  };
}

template <class Reference, class Ours>
void compare(const Terms& terms, Figure& figure, Reference reference, Ours ours) {
  figure.note("events", terms.count);
  const Pairs pairs = run_metered_pairs(terms.options.pairs, terms.count, figure, nanoseconds(terms.count, reference),
                                        nanoseconds(terms.count, ours));
  report(terms.options, figure, pairs);
}

// ---- Templates ----

void constant_by_hand(const Event&, std::string& out) { out.append("agent-events"); }

// Knows that the topic is acapy::record::CATEGORY::STATE.
void topic_variables_by_hand(const Event& event, std::string& out) {
  constexpr std::string_view before = "acapy::record::";
  const std::size_t separator = event.topic.find("::", before.size());
  out.append("agent-").append(event.topic.substr(before.size(), separator - before.size())).append("-");
  out.append(event.topic.substr(separator + 2)).append("-");
  out.append(event.tenant.empty() ? std::string_view("base") : event.tenant);
}

void payload_field_by_hand(const Event& event, std::string& out) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(event.payload.data(), event.payload.size());
  if (document.HasParseError()) give_up("the payload is no JSON");
  const rapidjson::Value& id = document["thread"]["id"];
  out.append("thread-").append(id.GetString(), id.GetStringLength());
}

struct TemplateCase {
  const char* figure;
  const char* text;
  const char* reference_is;
  void (*by_hand)(const Event&, std::string&);
};

constexpr TemplateCase template_cases[] = {
    {"template_constant", "agent-events", "append of one text", constant_by_hand},
    {"template_topic_variables", "agent-{category}-{state}-{wallet_id}", "find in the topic, append",
     topic_variables_by_hand},
    {"template_payload_field", "thread-{payload./thread/id}", "rapidjson::Document, append", payload_field_by_hand},
};

void templates(const Terms& terms, const TemplateCase& subject) {
  Figure figure{subject.figure, "ns/event", Better::less, {}};
  if (!terms.options.wants(figure.bench)) return;
  const auto compiled = Template::compile(subject.text);
  if (!compiled.ok()) give_up(compiled.error().message);
  const std::string payload = json_payload(1024);
  const Event event = sample_event(payload);
  std::string by_hand;
  std::string rendered;
  const auto reference = [&] {
    by_hand.clear();
    subject.by_hand(event, by_hand);
  };
  const auto ours = [&] {
    rendered.clear();
    if (!compiled.value().render(event, {}, rendered).ok()) give_up("a template was not rendered");
  };
  reference();
  ours();
  if (rendered != by_hand) give_up("the reference makes another text");
  figure.note("reference", subject.reference_is);
  figure.note("template", subject.text);
  figure.note("payload_bytes", payload.size());
  compare(terms, figure, reference, ours);
}

// ---- The cache of routes ----

/// Finds texts by views, so that none has to be made.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
using Map = std::unordered_map<std::string, std::unique_ptr<ResolvedTopic>, TextHash, std::equal_to<>>;

Router router() {
  kafka_events::config::RouteSettings route;
  route.name = "bench";
  route.match = "^acapy::record::([^:]+)::(.*)";
  auto made = Router::create({&route, 1});
  if (!made.ok()) give_up(made.error().message);
  return std::move(made).value();
}

/// In an order that looks random and is always the same.
std::vector<std::string> topics(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t number = 0; number < count; ++number) {
    all.push_back("acapy::record::connections::state_" + std::to_string(10'000 + number));
  }
  std::shuffle(all.begin(), all.end(), std::mt19937_64{7});  // NOLINT(cert-msc51-cpp)
  return all;
}

/// One topic after another, over and over.
template <class Find>
auto in_turn(const std::vector<std::string>& topics, Find find) {
  return [&topics, find, next = std::size_t{0}]() mutable {
    if (find(std::string_view(topics[next])).routes.size() != 1) give_up("a topic has no route");
    if (++next == topics.size()) next = 0;
  };
}

void cache_hits(const Terms& terms, std::size_t topic_count) {
  Figure figure{"route_cache_hit_" + std::to_string(topic_count) + "_topics", "ns/event", Better::less, {}};
  if (!terms.options.wants(figure.bench)) return;
  const Router routes = router();
  RouteCache cache(routes, "");
  Map map;
  std::unique_ptr<ResolvedTopic> holder;
  const std::vector<std::string> all = topics(topic_count);
  for (const std::string& topic : all) {
    cache.find(topic, holder);
    map.emplace(topic, cache.resolve(topic));
  }
  figure.note("reference", "find in a std::unordered_map by a view, no lock");
  figure.note("topics", topic_count);
  compare(terms, figure,
          in_turn(all, [&](std::string_view topic) -> const ResolvedTopic& { return *map.find(topic)->second; }),
          in_turn(all, [&](std::string_view topic) -> const ResolvedTopic& { return cache.find(topic, holder); }));
  if (cache.size() != topic_count || holder != nullptr) give_up("not every topic was in the cache");
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  const Terms terms{options, options.count != 0 ? options.count : 1'000'000};
  for (const TemplateCase& subject : template_cases) templates(terms, subject);
  for (const std::size_t topic_count : {1UL, 1000UL, 4000UL}) cache_hits(terms, topic_count);
  return 0;
}
