// The routes of outbound and topic_maps, in the order in which events try them.
#pragma once

#include <vector>

#include "config/loader.h"
#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// outbound first, then topic_maps; the default route if neither is written.
[[nodiscard]] std::vector<RouteSettings> make_routes(const Values& top, const LoadInput& input, Report& report);

/// Values of choices that were checked before.
[[nodiscard]] Qos qos_of(const Value& value);
[[nodiscard]] CodecKind codec_of(const Value& value);
[[nodiscard]] std::vector<std::int32_t> partitions_of(const Values& values, Block block, Report& report);

}  // namespace kafka_events::config
