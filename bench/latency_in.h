// In: the same records, at the same time, through the plugin to a handler and in a raw consumer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "bus/event_bus.h"
#include "kafka_client.h"
#include "latency_log.h"

namespace bench {

/// The begin of each record's payload.
struct Stamp {
  std::uint64_t run = 0;  ///< 0: only to see whether somebody reads
  std::uint64_t index = 0;
  std::int64_t sent_ns = 0;
};

/// What one side has read: of the current run into the log, of another one only that it came.
class Arrivals {
 public:
  void begin(std::uint64_t run, std::size_t count);
  void take(std::string_view payload);
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] const LatencyLog& log() const { return log_; }

 private:
  std::atomic<std::uint64_t> run_{0};
  std::atomic<bool> any_{false};
  LatencyLog log_;
};

/// A handler on the host's bus.
class OurReader {
 public:
  explicit OurReader(host_stub::EventBus& bus);
  ~OurReader();
  OurReader(const OurReader&) = delete;
  OurReader& operator=(const OurReader&) = delete;

  [[nodiscard]] Arrivals& arrivals() { return arrivals_; }

 private:
  static std::int32_t on_event(void* context, const agent_event* event);

  host_stub::EventBus& bus_;
  std::uint64_t token_ = 0;
  Arrivals arrivals_;
};

/// rd_kafka_consumer_poll on a thread of its own, the offset of each record stored.
class RawReader {
 public:
  RawReader(const std::string& bootstrap, const std::string& topic, const std::string& group);
  ~RawReader();
  RawReader(const RawReader&) = delete;
  RawReader& operator=(const RawReader&) = delete;

  [[nodiscard]] Arrivals& arrivals() { return arrivals_; }

 private:
  void read();

  Client client_;
  Arrivals arrivals_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// A producer without linger.
class StampSender {
 public:
  StampSender(const std::string& bootstrap, const std::string& topic, std::size_t payload);
  ~StampSender();
  StampSender(const StampSender&) = delete;
  StampSender& operator=(const StampSender&) = delete;

  void send(std::uint64_t run, std::uint64_t index);

 private:
  Client client_;
  rd_kafka_topic_t* topic_ = nullptr;
  std::string payload_;
};

}  // namespace bench
