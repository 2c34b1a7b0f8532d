// The blocks schema_registry, topics, tenants, loop_guard, requests and cloudevents.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/loader.h"
#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// None without the block. With https the files must be there.
[[nodiscard]] std::optional<RegistrySettings> make_registry(const Values& top, const LoadInput& input, Report& report);

/// The entries of topics.ensure, with the prefix.
[[nodiscard]] std::vector<TopicSpec> make_ensured_topics(const Values& top, Report& report);

/// None without the block.
[[nodiscard]] std::optional<TenantSettings> make_tenants(const Values& top, Report& report);

[[nodiscard]] LoopGuardSettings make_loop_guard(const Values& top, const std::string& client_id,
                                                const std::string& group_id, const LoadInput& input);

[[nodiscard]] RequestSettings make_requests(const Values& top);

/// The attribute `source` of CloudEvents.
[[nodiscard]] std::string make_cloudevents_source(const Values& top, const std::string& client_id);

}  // namespace kafka_events::config
