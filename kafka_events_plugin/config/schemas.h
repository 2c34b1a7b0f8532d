// The Avro schemas of routes and workers: their files are read with the configuration.
#pragma once

#include "config/loader.h"
#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// From the map of a route, of inbound or of a worker (`block`). Files that cannot be used, and options that contradict
/// each other or have no effect, are reported.
[[nodiscard]] SchemaSettings make_schema(const Values& values, Block block, const LoadInput& input, Report& report);

/// Whatever has codec avro needs the schema registry.
void check_registry_is_there(const Values& top, Report& report);

}  // namespace kafka_events::config
