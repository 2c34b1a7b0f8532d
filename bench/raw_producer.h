// The reference of bench_publish: a producer written against librdkafka by hand, in the two usual ways.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "kafka_client.h"

namespace bench {

/// How the publisher's side of a run looks, the same for the reference and ours.
struct PublishPlan {
  std::string topic;  ///< Kafka topic
  std::string payload;
  std::size_t count = 0;
  std::vector<std::string> keys;  ///< taken in turn
  std::size_t publishers = 1;     ///< threads, each with its share of the count
};

/// Calls `publish` with each publisher's share, on as many threads, and waits for them.
void for_each_publisher(const PublishPlan& plan,
                        const std::function<void(std::size_t first, std::size_t end)>& publish);

/// Where delivery reports are served.
enum class ReportsOn {
  publisher_thread,  ///< a callback per message, from rd_kafka_poll between the produce calls
  own_thread,        ///< event API, whole batches
};

/// Settings of the measured producers, beside bootstrap.servers.
[[nodiscard]] ClientProperties producer_properties(const std::string& bootstrap);

class RawProducer {
 public:
  RawProducer(const std::string& bootstrap, const std::string& topic, ReportsOn reports);
  ~RawProducer();
  RawProducer(const RawProducer&) = delete;
  RawProducer& operator=(const RawProducer&) = delete;

  /// Produces the plan's records and waits for every acknowledgement. Seconds.
  double run(const PublishPlan& plan);

 private:
  void produce(const PublishPlan& plan, std::size_t first, std::size_t end);
  void serve();
  void wait_for_reports(std::size_t expected);
  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  void count(const rd_kafka_message_t& message);

  const ReportsOn reports_;
  Client client_;
  rd_kafka_topic_t* topic_ = nullptr;
  std::atomic<std::size_t> acknowledged_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace bench
