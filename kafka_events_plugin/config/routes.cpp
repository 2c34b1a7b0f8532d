// Building RouteSettings from checked values.
#include "config/routes.h"

#include <algorithm>
#include <re2/re2.h>

#include "config/schemas.h"
#include "config/single_writers.h"
#include "config/templates.h"

namespace kafka_events::config {

namespace {

constexpr std::string_view default_match = "^acapy::outbound::.*";

int groups_of(const std::string& match) { return RE2(match, RE2::Quiet).NumberOfCapturingGroups(); }

void check_groups(const std::string& match, const Value& from, Report& report) {
  if (from.items.empty()) return;
  const int asked = highest_group(from.text());
  const int there = std::max(groups_of(match), 0);
  if (asked <= there) return;
  report.error(from.place, "asks for group {" + std::to_string(asked) + "}, but the pattern has " +
                               (there == 0 ? std::string("none") : std::to_string(there)));
}

void add_request(RouteSettings& route, const Values& values, Report& report) {
  const Value* reply_to = values.find("reply_to");
  const Value* timeout = values.find("reply_timeout_ms");
  if (reply_to != nullptr) {
    route.reply_to = reply_to->text();
    check_groups(route.match, *reply_to, report);
  }
  route.reply_timeout =
      std::chrono::milliseconds(std::stoll(values.get(option(Block::route, "reply_timeout_ms")).text()));
  if (timeout != nullptr && route.reply_to.empty() && !report.is_refused(values.path + ".reply_to")) {
    report.warning(timeout->place, "has no effect without reply_to");
  }
}

RouteSettings make_route(const Values& values, std::size_t index, const LoadInput& input, Report& report) {
  RouteSettings route;
  route.name = "outbound." + std::to_string(index);
  route.place = values.place;
  const auto get = [&](std::string_view name) { return values.get(option(Block::route, name)); };
  const Value match = get("match");
  if (match.items.empty() && !report.is_refused(values.path + ".match")) {
    Place place = values.place;
    place.key_path = values.path + ".match";
    report.error(std::move(place), "is missing; write a pattern over event topics, such as \"^acapy::outbound::.*\"");
  } else if (!match.items.empty()) {
    route.match = match.text();
    check_groups(route.match, get("topic"), report);
    check_groups(route.match, get("key"), report);
  }
  route.topic = get("topic").text();
  route.key = get("key").text();
  route.partitions = partitions_of(values, Block::route, report);
  route.codec = codec_of(get("codec"));
  route.qos = qos_of(get("qos"));
  route.status_events = get("status_events").text() == "true";
  route.continue_matching = get("continue").text() == "true";
  route.schema = make_schema(values, Block::route, input, report);
  add_request(route, values, report);
  route.single_writer = get("single_writer").text() == "true";
  return route;
}

}  // namespace

Qos qos_of(const Value& value) {
  if (value.text() == "exactly_once") return Qos::exactly_once;
  return value.text() == "at_most_once" ? Qos::at_most_once : Qos::at_least_once;
}

CodecKind codec_of(const Value& value) {
  const std::string& text = value.text();
  if (text == "raw") return CodecKind::raw;
  if (text == "cloudevents") return CodecKind::cloudevents;
  if (text == "cloudevents-structured") return CodecKind::cloudevents_structured;
  return text == "avro" ? CodecKind::avro : CodecKind::envelope;
}

std::vector<std::int32_t> partitions_of(const Values& values, Block block, Report& report) {
  std::vector<std::int32_t> partitions;
  const Value value = values.get(option(block, "partitions"));
  for (const std::string& item : value.items) {
    const auto partition = static_cast<std::int32_t>(std::stol(item));
    if (std::ranges::find(partitions, partition) != partitions.end()) {
      report.error(value.place, "names partition " + item + " twice");
    }
    partitions.push_back(partition);
  }
  if (value.written && value.items.empty()) report.error(value.place, "is an empty list; name partitions or remove it");
  return partitions;
}

std::vector<RouteSettings> make_routes(const Values& top, const LoadInput& input, Report& report) {
  std::vector<RouteSettings> routes;
  if (const auto found = top.children.find("outbound"); found != top.children.end()) {
    for (std::size_t i = 0; i < found->second.size(); ++i) {
      routes.push_back(make_route(found->second[i], i, input, report));
    }
  }
  for (std::size_t i = 0; i < top.topic_maps.size(); ++i) {
    const TopicMapEntry& entry = top.topic_maps[i];
    check_groups(entry.match, entry.topic, report);
    RouteSettings route;
    route.name = "topic_maps." + std::to_string(i);
    route.match = entry.match;
    route.topic = entry.topic.text();
    route.place = entry.topic.place;
    routes.push_back(std::move(route));
  }
  if (routes.empty() && !top.has_children("outbound")) {
    RouteSettings route;
    route.name = "default";
    route.match = default_match;
    route.place.key_path = "kafka_events.outbound";
    routes.push_back(std::move(route));
  }
  check_single_writers(routes, top, report);
  return routes;
}

}  // namespace kafka_events::config
