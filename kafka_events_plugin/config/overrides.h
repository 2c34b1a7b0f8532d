// `-o kafka_events.consumer-config.group_id=x`: changes the tree before it is read, so that all rules hold for it too.
#pragma once

#include <span>
#include <string>

#include "config/document.h"
#include "config/loader.h"
#include "config/report.h"

namespace kafka_events::config {

/// Puts each override into the map of kafka_events (a copy of what it changes; the first part of a path may be
/// "kafka_events" or be left out). Returns the changed map. Paths that lead through something else than maps and lists
/// are reported; unknown names are left for the reader to report.
[[nodiscard]] YamlNode* apply_overrides(YamlNode* plugin, std::span<const Override> overrides, Document& document,
                                        Report& report);

}  // namespace kafka_events::config
