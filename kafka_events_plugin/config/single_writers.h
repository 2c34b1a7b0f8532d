// What a route with single_writer must be like.
#pragma once

#include <vector>

#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// `routes` begin with those of outbound, in order.
void check_single_writers(const std::vector<RouteSettings>& routes, const Values& top, Report& report);

}  // namespace kafka_events::config
