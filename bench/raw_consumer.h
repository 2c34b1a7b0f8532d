// The reference of bench_consume: a group consumer written against librdkafka by hand, in the two usual ways.
#pragma once

#include <cstddef>
#include <string>

namespace bench {

enum class Takes {
  one_by_one,  ///< rd_kafka_consumer_poll
  batches,     ///< rd_kafka_consume_batch_queue
};

/// Settings of the measured consumers that ours has too.
inline constexpr const char* fetch_queue_kbytes = "65536";

/// Joins `group`, reads `count` records of the topic from its beginning, storing the offset of each, and leaves.
/// Returns the seconds between the first record and the last.
double consume_raw(const std::string& bootstrap, const std::string& topic, const std::string& group, std::size_t count,
                   Takes takes);

}  // namespace bench
