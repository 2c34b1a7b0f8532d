// The JSON texts of this plugin's admin answers. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/controller.h"
#include "admin/service.h"
#include "core/admin_routes.h"
#include "core/topic_admin.h"
#include "outbound/explanation.h"

namespace kafka_events::admin {

[[nodiscard]] std::string to_json(const StatusView& status, BridgeState state, std::string_view reason);
[[nodiscard]] std::string to_json(const ConfigurationView& configuration);
[[nodiscard]] std::string to_json(const Explanation& explanation);

[[nodiscard]] std::string to_json(std::string_view worker, const std::vector<PartitionView>& partitions);
[[nodiscard]] std::string to_json(const DeadLetterList& list, const std::optional<RedriveReport>& redrive);

/// 200 when it is over, 202 while it runs, 503 (a problem) when it ended early.
[[nodiscard]] HttpReply redrive_reply(const RedriveReport& report, std::string_view instance);

// json_topics.cpp

/// With partitions and configuration.
[[nodiscard]] std::string to_json(const TopicView& topic);
/// {"topics": […]}; `whole`: each with partitions and configuration.
[[nodiscard]] std::string to_json(const TopicList& topics, bool whole);
/// {"topics": […]} with 201 if one was created, 200 if there was nothing to do, 207 if some failed; a problem, with the
/// same list, if all did.
[[nodiscard]] HttpReply topics_reply(const TopicOutcomes& outcomes, std::string_view instance);
/// As problem_of(): 502 for what Kafka refused as a whole, 501 for what this broker cannot.
[[nodiscard]] HttpReply topics_problem(const Error& error, std::string_view instance);

/// {"result": "Kafka plugin started"}
[[nodiscard]] std::string result_json(std::string_view result);

/// An RFC 9457 problem. `instance` is the request's path, `field` (if not empty) what of the request is wrong.
[[nodiscard]] HttpReply problem(std::int32_t status, std::string_view title, std::string_view detail,
                                std::string_view instance, std::string_view field = {});
/// The problem that an error is, by its code.
[[nodiscard]] HttpReply problem_of(const Error& error, std::string_view instance);

}  // namespace kafka_events::admin
