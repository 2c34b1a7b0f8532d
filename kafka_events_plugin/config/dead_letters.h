// A worker that reads its own dead letters would feed them to the same handlers for ever.
#pragma once

#include <string_view>

#include "config/report.h"
#include "config/settings.h"

namespace kafka_events::config {

/// Reports at `place` if a topic that this worker reads gives a dead-letter topic that it reads as well.
void check_dead_letters(const WorkerSettings& worker, std::string_view prefix, const Place& place, Report& report);

}  // namespace kafka_events::config
