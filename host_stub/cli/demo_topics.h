// The Kafka topics of the demo, made before its consumers look for them.
#pragma once

#include <vector>

#include "admin/event_fields.h"
#include "cli/host.h"

namespace host_stub::cli {

/// Asks the plugin where each event would go (its route that ends in /explain) and makes these topics in the embedded
/// Kafka, and with `requests` those of the demo's questions and answers. Otherwise they would appear one by one with the first events, and each time the consumer group would start
/// over, which takes the embedded Kafka seconds. Topics that cannot be foretold appear later. After Host::listen().
void make_demo_topics(Host& host, const std::vector<EventFields>& events, bool requests);

}  // namespace host_stub::cli
