// What the admin part asks of the bridge that it controls and shows. plugin/ implements it; nothing here knows Kafka.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/event.h"
#include "core/result.h"
#include "outbound/explanation.h"

namespace kafka_events::admin {

struct BrokerView {
  std::int32_t id = -1;
  std::string name;  ///< host:port
  bool connected = false;
};

struct ProducerView {
  bool running = false;
  bool connected = false;
  std::uint64_t in_flight = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t topics = 0;
  std::uint64_t recreated = 0;
};

struct RouteView {
  std::string name;
  std::uint64_t matched = 0;
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t busy = 0;
  std::uint64_t refused = 0;
};

/// Offsets are none where they are not known.
struct PartitionView {
  std::string topic;
  std::int32_t partition = 0;
  std::optional<std::int64_t> position;
  std::optional<std::int64_t> watermark;
  std::optional<std::int64_t> committed;
  std::optional<std::int64_t> high;
  std::optional<std::int64_t> lag;
  bool paused = false;
};

struct WorkerView {
  std::string name;
  std::string group;
  std::string state;
  std::string reason;
  std::string member_id;
  bool connected = false;
  bool paused = false;
  std::vector<std::string> subscription;
  std::vector<PartitionView> assignment;
  std::vector<std::pair<std::string, std::uint64_t>> counts;  ///< records, in_flight, done …
};

struct ErrorView {
  std::string client;  ///< producer, or a worker's name
  std::chrono::system_clock::time_point time;
  std::string code;
  std::string message;
  std::uint64_t times = 1;
};

struct StatusView {
  bool ready = false;
  std::string not_ready_because;
  std::vector<BrokerView> brokers;
  ProducerView producer;
  std::vector<RouteView> routes;
  std::vector<WorkerView> workers;
  std::vector<ErrorView> last_errors;
};

struct OptionView {
  std::string key;
  std::string value;  ///< secrets as [secret]
  std::string source;
  std::vector<std::string> becomes;
};

struct ClientView {
  std::string client;                                           ///< producer, or a worker's name
  std::vector<std::pair<std::string, std::string>> properties;  ///< of librdkafka; secrets as [secret]
};

struct ConfigurationView {
  std::vector<OptionView> options;
  std::vector<ClientView> clients;
};

/// What became of the records in flight at a stop.
struct StopCounts {
  std::uint64_t delivered = 0;
  std::uint64_t undelivered = 0;
  bool in_time = true;
};

class BridgeService {
 public:
  virtual ~BridgeService() = default;

  /// Starts all parts without waiting for a broker; on failure none of them runs. [control thread]
  virtual Result<void> start() = 0;
  /// Stops all parts: what is in flight is finished, or given up at the deadline. [control thread]
  virtual Result<StopCounts> stop(std::chrono::steady_clock::time_point deadline) = 0;

  [[nodiscard]] virtual StatusView status() const = 0;                      ///< [any thread]
  [[nodiscard]] virtual ConfigurationView configuration() const = 0;        ///< [any thread]
  [[nodiscard]] virtual Explanation explain(const Event& event) const = 0;  ///< [any thread]
};

}  // namespace kafka_events::admin
