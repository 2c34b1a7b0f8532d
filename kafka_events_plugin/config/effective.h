// What /kafka/config shows: every option with its value, where it came from, and what became of it.
#pragma once

#include <vector>

#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// `consumer` and `producer` are the properties of the default consumer and of the producer.
[[nodiscard]] std::vector<EffectiveOption> effective_options(const Values& top, const Value& servers,
                                                             const std::vector<Property>& consumer,
                                                             const std::vector<Property>& producer);

}  // namespace kafka_events::config
