// The JSON texts of this plugin's admin answers. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/controller.h"
#include "admin/service.h"
#include "core/admin_routes.h"
#include "outbound/explanation.h"

namespace kafka_events::admin {

[[nodiscard]] std::string to_json(const StatusView& status, BridgeState state, std::string_view reason);
[[nodiscard]] std::string to_json(const ConfigurationView& configuration);
[[nodiscard]] std::string to_json(const Explanation& explanation);

/// {"result": "Kafka plugin started"}
[[nodiscard]] std::string result_json(std::string_view result);

/// An RFC 9457 problem. `instance` is the request's path.
[[nodiscard]] HttpReply problem(std::int32_t status, std::string_view title, std::string_view detail,
                                std::string_view instance);

}  // namespace kafka_events::admin
