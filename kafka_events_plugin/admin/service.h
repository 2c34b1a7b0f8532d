// What the admin part asks of the bridge that it controls and shows. plugin/ implements it; nothing here knows Kafka.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/services_view.h"
#include "core/consumer_command.h"
#include "core/event.h"
#include "core/result.h"
#include "core/topic_admin.h"
#include "inbound/dead_letter_list.h"
#include "inbound/redrive.h"
#include "outbound/explanation.h"

namespace kafka_events::admin {

struct BrokerView {
  std::int32_t id = -1;
  std::string name;  ///< host:port
  bool connected = false;
};

struct ProducerView {
  std::string name;  ///< producer (at_least_once), producer.at_most_once, producer.exactly_once; empty: all together
  bool running = false;
  bool connected = false;
  std::uint64_t in_flight = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t topics = 0;
  std::uint64_t recreated = 0;
};

/// How the events of exactly_once routes leave the outbox.
struct TransactionsView {
  std::string state;  ///< connecting, running, fenced, stopped
  std::string trouble;
  std::uint64_t waiting = 0;
  std::uint64_t committed = 0;
  std::uint64_t aborted = 0;
  std::uint64_t published = 0;  ///< events
};

struct OutboxView {
  std::string mode;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t refused = 0;  ///< times that it was full
  std::string trouble;        ///< of the disk, for a person
  bool direct = false;        ///< at_least_once events go to Kafka without touching the disk
  std::uint64_t waiting = 0;  ///< at_least_once entries without an acknowledgement
  std::uint64_t taken_back = 0;
  std::uint64_t relayed = 0;
  std::optional<TransactionsView> transactions;
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
  bool paused = false;              ///< rests, for whatever reason
  bool paused_by_operator = false;  ///< until it is resumed
};

/// The record that has been with its handlers for longest.
struct OldestView {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  double age_seconds = 0;
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
  bool paused_by_operator = false;                            ///< all of it, also what is assigned later
  std::string warning;                    ///< what is wrong with its handlers, for a person; empty if nothing is
  std::optional<OldestView> oldest;       ///< none: nothing is in flight, give or take a second
  std::optional<double> blocked_seconds;  ///< its thread has been inside one handler for so long
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
  ProducerView producer;                ///< all of them together
  std::vector<ProducerView> producers;  ///< one for each guarantee that a route asks for
  std::optional<OutboxView> outbox;
  ServicesView services;
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
  std::uint64_t kept = 0;  ///< in the outbox, for the next start
  bool in_time = true;
};

/// What the partitions that a command was for are like now.
using CommandAnswer = std::function<void(const Result<std::vector<PartitionView>>& partitions)>;
using ListAnswer = std::function<void(const Result<DeadLetterList>& list)>;
using RedriveAnswer = std::function<void(const RedriveReport& report)>;
/// Hands one call on to whoever administers topics, and returns what that answers.
using TopicCall = std::function<Result<void>(TopicAdmin& topics)>;

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

  /// The following return at once. Each answer is called exactly once, on another thread, if they succeed, and not at all
  /// if they fail: not_found (no such worker), state (not running, or one is under way), busy. [any thread]
  virtual Result<void> command(const std::string& worker, ConsumerCommand command,
                               std::chrono::steady_clock::time_point deadline, CommandAnswer answer) = 0;
  virtual Result<void> list_dead_letters(DeadLetterQuery query, std::chrono::steady_clock::time_point deadline,
                                         ListAnswer answer) = 0;
  /// Answered when it is over, or at `answer_by` while it goes on.
  virtual Result<void> redrive(RedriveRequest request, std::chrono::steady_clock::time_point answer_by,
                               RedriveAnswer answer) = 0;
  /// The redrive that is running, or the last one since the start.
  [[nodiscard]] virtual std::optional<RedriveReport> last_redrive() const = 0;
  [[nodiscard]] virtual std::vector<std::string> worker_names() const = 0;
  /// Calls `call` before it returns, or fails: unsupported. The answer of the call may come later. [any thread]
  virtual Result<void> topics(const TopicCall& call) {
    (void)call;
    return Error(ErrorCode::unsupported, "this bridge administers no topics");
  }
};

}  // namespace kafka_events::admin
