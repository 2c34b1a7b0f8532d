// The consumers: the default one of the inbound block, and the named ones.
#pragma once

#include <vector>

#include "config/clients.h"
#include "config/loader.h"
#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// The default worker first (unless inbound.topics is []), then those of `workers`. `properties` are those of a
/// consumer.
[[nodiscard]] std::vector<WorkerSettings> make_workers(const Values& top, const ClientValues& consumer,
                                                       const std::vector<Property>& properties, const LoadInput& input,
                                                       Report& report);

/// A subscription as librdkafka takes it: the prefix in front, patterns as ^…$.
[[nodiscard]] std::string subscription(std::string_view topic, std::string_view prefix);

}  // namespace kafka_events::config
