// Which topics were there when a consumer first saw the cluster: those that appear later are read from their beginning.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/ports.h"
#include "kafka/handles.h"

namespace kafka_events {

/// Without it the first records of a new topic are lost: a pattern finds the topic only after they were written, and
/// auto.offset.reset says "latest". Owned by one thread at a time; kept when its consumer stops and starts.
class TopicCensus {
 public:
  [[nodiscard]] bool taken() const noexcept { return taken_; }

  /// Asks for all topics. Blocks for at most `timeout_ms`. False: no broker answered, try again.
  bool take(rd_kafka_t* client, int timeout_ms);

  /// What it knows, for another version of the module: one text for each topic, "TOPIC:PARTITIONS".
  [[nodiscard]] std::vector<std::string> known() const;
  /// Instead of taking it anew. A text without a number of partitions counts as a topic that has any.
  void take_over(std::span<const std::string> known);

  [[nodiscard]] bool is_new(const std::string& topic, std::int32_t partition) const;
  /// Whether one of them was there: names, or patterns (POSIX extended, as librdkafka takes them) that begin with ^.
  [[nodiscard]] bool has_any(std::span<const std::string> subscription) const;

  /// Looks up what the group has committed for `partitions` (filled in where it has), and sets the start of those that
  /// are new and have no committed offset to the beginning. Blocks for at most `timeout_ms`; if the lookup fails and
  /// records `may_repeat`, new ones start at the beginning: some may then come twice, none is lost; else librdkafka goes
  /// on asking for the committed offset. `fetching`: other partitions are being read already.
  PartitionList set_starts(rd_kafka_t* client, rd_kafka_topic_partition_list_t& partitions, int timeout_ms,
                           bool fetching, bool may_repeat) const;
  /// Sets the start of those that have no committed offset, and are not new, to their present end: else librdkafka would look
  /// it up some time after the assignment, and what was written before that would be missed. Blocks for at most twice
  /// `timeout_ms`. False: no answer, nothing was set.
  bool set_ends(rd_kafka_t* client, rd_kafka_topic_partition_list_t& partitions, int timeout_ms) const;

 private:
  bool taken_ = false;
  std::map<std::string, std::int32_t> partitions_;
};

}  // namespace kafka_events
