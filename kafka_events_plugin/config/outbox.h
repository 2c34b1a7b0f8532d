// The outbox block, and what it has to do with routes and workers.
#pragma once

#include <vector>

#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

[[nodiscard]] OutboxSettings make_outbox(const Values& top, Report& report);

/// exactly_once needs an outbox (routes) and an idempotent producer that waits for all replicas.
void check_exactly_once(const Settings& settings, const Values& producer, Report& report);

}  // namespace kafka_events::config
