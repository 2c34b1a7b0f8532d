// Offsets as librdkafka's transactions take them, and the way to read them back.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/transaction.h"
#include "kafka/handles.h"

namespace kafka_events {

using GroupMetadata =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t, Deleter<rd_kafka_consumer_group_metadata_destroy>>;

[[nodiscard]] PartitionList to_partition_list(std::span<const TransactionOffset> offsets);

/// From what rd_kafka_consumer_group_metadata_write gave, or a group's id.
[[nodiscard]] GroupMetadata read_group_metadata(std::string_view text);
[[nodiscard]] std::string write_group_metadata(const rd_kafka_consumer_group_metadata_t& metadata);

/// TransactionalSink::committed_position: asked by a consumer that never joins the group, made from a producer's properties
/// for the purpose. (ListConsumerGroupOffsets would need none, but librdkafka 2.0.2 does not tell the broker that it requires
/// stable offsets when it asks for all partitions, and aborts the process when such a request times out before the group's
/// coordinator is known.)
[[nodiscard]] Result<std::int64_t> highest_committed(std::span<const config::Property> properties,
                                                     const std::string& oauth_token_file, std::string_view group,
                                                     std::chrono::steady_clock::time_point deadline);

}  // namespace kafka_events
