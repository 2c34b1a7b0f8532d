// An inbound pipeline's counts, from one version of the module to another.
#pragma once

#include <string>

#include "core/handover.h"
#include "inbound/statistics.h"

namespace kafka_events {

/// Adds all that only grow, as "inbound.…" of this worker.
void add_counters(Counters& to, const std::string& worker, const InboundStatistics& from);

/// Sets those that are there; others, and those of other parts, change nothing.
void take_counters(InboundStatistics& to, const Counters& from);

}  // namespace kafka_events
