// A single writer's records go in transactions of its topic, so all that goes there must go that way.
#include "config/single_writers.h"

#include <string>

#include "config/templates.h"

namespace kafka_events::config {

namespace {

void check_route(const RouteSettings& route, const Values& values, Report& report) {
  const Place place = values.place_of("single_writer");
  if (route.qos != Qos::at_least_once) {
    report.error(place, "contradicts qos " + values.find("qos")->text() +
                            "; a single writer has transactions of its own and goes with at_least_once only");
  }
  if (!depends_on_topic_only(route.topic) && !report.is_refused(values.path + ".topic")) {
    report.error(place, "contradicts topic " + quoted(route.topic) +
                            ": every topic that it has needs a producer of its own, so it may only depend on the "
                            "event's topic ({topic:kafka}, {topic}, {category}, {state}, {1} to {9})");
  }
}

}  // namespace

void check_single_writers(const std::vector<RouteSettings>& routes, const Values& top, Report& report) {
  const auto found = top.children.find("outbound");
  const std::size_t written = found == top.children.end() ? 0 : found->second.size();
  for (std::size_t i = 0; i < written; ++i) {
    if (!routes[i].single_writer) continue;
    const Values& values = found->second[i];
    check_route(routes[i], values, report);
    for (const RouteSettings& other : routes) {
      if (other.single_writer || other.topic != routes[i].topic || !is_constant(other.topic)) continue;
      report.error(values.place_of("single_writer"), "route " + other.name + " writes to topic " + quoted(other.topic) +
                                                         " as well, and is no single writer; the two must agree");
    }
  }
}

}  // namespace kafka_events::config
