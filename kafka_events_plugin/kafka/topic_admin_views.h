// The brokers' metadata and configurations as plain values.
#pragma once

#include <string_view>

#include "core/topic_admin.h"
#include "kafka/handles.h"

namespace kafka_events::topic_admin {

/// Null: it is not there, or the broker says so.
[[nodiscard]] const rd_kafka_metadata_topic_t* find_topic(const rd_kafka_metadata_t& metadata, std::string_view name);
[[nodiscard]] TopicView view_of(const rd_kafka_metadata_topic_t& topic);
/// Sorted by name; secrets as [secret].
[[nodiscard]] std::vector<TopicConfigView> view_of(const rd_kafka_ConfigResource_t& topic);

}  // namespace kafka_events::topic_admin
