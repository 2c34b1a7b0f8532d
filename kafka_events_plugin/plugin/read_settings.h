// A configuration as the host hands it over, turned into settings; every problem goes back to the host.
#pragma once

#include "config/settings.h"
#include "core/result.h"
#include "host/lifecycle.h"

namespace kafka_events {

/// Reads, checks, and has librdkafka check its properties; starts nothing. Fails with the first problem.
[[nodiscard]] Result<config::Settings> read_settings(const host::Configuration& configuration);

}  // namespace kafka_events
