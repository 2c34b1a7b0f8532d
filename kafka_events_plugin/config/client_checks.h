// Contradictions between options of one client, found on what they come to.
#pragma once

#include <vector>

#include "config/clients.h"
#include "config/loader.h"
#include "config/report.h"

namespace kafka_events::config {

/// Timeouts and sizes that must fit each other.
void check_limits(const ClientValues& values, const std::vector<Property>& properties, Report& report);

/// What TLS and SASL need, and the rules of each mechanism.
void check_security(const ClientValues& values, const std::vector<Property>& properties, const LoadInput& input,
                    Report& report);

/// Options of one map that have no effect, because no client that they count for uses TLS, or SASL.
void warn_of_unused_security(const Values& values, bool any_ssl, bool any_sasl, Report& report);

}  // namespace kafka_events::config
