// Is a broker there? Asked with metadata requests by the thread that owns the client, answered to any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/handles.h"

namespace kafka_events {

struct BrokerStatus {
  std::int32_t id = -1;
  std::string name;        ///< host:port
  bool connected = false;  ///< named by the newest answer, and brokers still answer
};

/// librdkafka tells when connections fail, not when they succeed; and a broker that froze is no error for a minute. So:
/// ask without a pause until somebody answers, then every few seconds, and at once after an error.
class ConnectionProbe {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds check_interval{5};
  static constexpr std::chrono::milliseconds retry_pause{20};
  static constexpr std::chrono::milliseconds first_timeout{100};
  static constexpr std::chrono::milliseconds longest_timeout{1000};
  /// Unanswered for this long after an error, the brokers count as away.
  static constexpr std::chrono::seconds doubt_limit{2};

  /// Asks if it is time to. Blocks for at most longest_timeout, while no broker answers. `topic` may be null. [owner]
  void check(rd_kafka_t* client, rd_kafka_topic_t* topic);
  /// An ERROR event came that puts the connection in doubt. [owner]
  void doubt(bool all_brokers_down);
  /// A broker answered this client lately, as somebody else knows: counts until the first answer is missing. [owner]
  void assume_connected() noexcept { connected_.store(true, std::memory_order_relaxed); }
  /// The client is one that works already, of another version of the module. [owner]
  void taken_over();
  /// The client ended. [owner]
  void reset();

  [[nodiscard]] bool connected() const noexcept { return connected_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::vector<BrokerStatus> brokers() const;

 private:
  void answered(const rd_kafka_metadata_t& metadata);
  void unanswered(Clock::time_point now);

  std::atomic<bool> connected_{false};
  // Owner's thread only.
  Clock::time_point next_{};
  Clock::time_point doubtful_since_ = Clock::time_point::max();
  std::chrono::milliseconds timeout_ = first_timeout;

  mutable std::mutex mutex_;
  std::vector<BrokerStatus> brokers_;
};

}  // namespace kafka_events
