// An independent Kafka client: plain librdkafka, nothing of the plugin.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <librdkafka/rdkafka.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace module_test {

struct KafkaRecord {
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::string key;
  std::string value;
  bool null_value = false;
  std::vector<std::pair<std::string, std::string>> headers;
};

class KafkaPeer {
 public:
  explicit KafkaPeer(std::string servers) : servers_(std::move(servers)) {}

  /// Produces and waits for the acknowledgement.
  [[nodiscard]] bool produce(const std::string& topic, const std::string& value, const std::string& key = {},
                             const std::vector<std::pair<std::string, std::string>>& headers = {}) const;
  /// Reads all partitions from their beginning until `count` records came or the time is over.
  [[nodiscard]] std::vector<KafkaRecord> consume(const std::string& topic, std::size_t count,
                                                 std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

 private:
  using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
  [[nodiscard]] Client client(rd_kafka_type_t type) const;
  std::string servers_;
};

}  // namespace module_test
