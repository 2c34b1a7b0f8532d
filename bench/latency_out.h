// Out: one event after the other through the plugin, and through librdkafka alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "bus/event_bus.h"
#include "kafka_client.h"
#include "latency_log.h"

namespace bench {

/// From publish to the event's completion.
class OurSender {
 public:
  OurSender(host_stub::EventBus& bus, std::string event_topic, std::string payload);

  void begin(std::size_t count);
  void send(std::size_t index);
  [[nodiscard]] const LatencyLog& log() const { return log_; }

 private:
  static void on_completed(void* context, std::uint64_t cookie, const agent_event_result* result);

  host_stub::EventBus& bus_;
  const std::string topic_;
  const std::string payload_;
  const std::vector<std::string> keys_;
  std::vector<std::int64_t> began_;
  LatencyLog log_;
};

/// From rd_kafka_produce to the delivery report, which a thread of its own waits for.
class RawSender {
 public:
  RawSender(const std::string& bootstrap, const std::string& topic, const std::string& linger_ms, std::string payload);
  ~RawSender();
  RawSender(const RawSender&) = delete;
  RawSender& operator=(const RawSender&) = delete;

  void begin(std::size_t count);
  void send(std::size_t index);
  [[nodiscard]] const LatencyLog& log() const { return log_; }

 private:
  static void on_report(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);

  const std::string payload_;
  const std::vector<std::string> keys_;
  Client client_;
  rd_kafka_topic_t* topic_ = nullptr;
  std::vector<std::int64_t> began_;
  LatencyLog log_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace bench
