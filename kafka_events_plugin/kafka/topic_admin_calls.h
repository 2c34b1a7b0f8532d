// The five calls of topic administration, each from the first request to the outcome of every topic. They block.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "core/topic_admin.h"
#include "kafka/topic_admin_client.h"

namespace kafka_events::topic_admin {

using Deadline = std::chrono::steady_clock::time_point;

Result<TopicList> list(TopicAdminClient& client, Deadline deadline);
Result<TopicList> describe(TopicAdminClient& client, std::span<const std::string> names, Deadline deadline);
/// What it creates has its leaders when this returns, if that is so before the deadline and within five seconds.
Result<TopicOutcomes> create(TopicAdminClient& client, std::span<const TopicSpec> topics, Deadline deadline);
/// What it deletes is gone from the brokers' lists when this returns, likewise.
Result<TopicOutcomes> remove(TopicAdminClient& client, std::span<const std::string> names, Deadline deadline);
Result<TopicOutcomes> add_partitions(TopicAdminClient& client, const std::string& name, std::int32_t total,
                                     Deadline deadline);

}  // namespace kafka_events::topic_admin
