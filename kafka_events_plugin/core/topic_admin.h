// Administration of Kafka topics, as plain values: what is asked, and what came of it for each topic.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace kafka_events {

struct TopicSpec {
  std::string name;                                           ///< whole, with any prefix
  std::optional<std::int32_t> partitions{};                   ///< none: the broker's default
  std::optional<std::int32_t> replication_factor{};           ///< none: the broker's default
  std::vector<std::pair<std::string, std::string>> config{};  ///< retention.ms and the like
};

/// What became of one topic.
struct TopicOutcome {
  enum class Kind : std::uint8_t { created, existed, deleted, absent, extended, unchanged, failed };
  std::string name;
  Kind kind = Kind::failed;
  std::string code{};     ///< the broker's, such as TOPIC_AUTHORIZATION_FAILED; empty unless failed
  std::string message{};  ///< for a person, with what to do; also what differs from what was asked (existed)
};

struct TopicPartitionView {
  std::int32_t partition = 0;
  std::int32_t leader = -1;  ///< -1: none at the moment
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> in_sync;
};

struct TopicConfigView {
  std::string name;
  std::string value;   ///< secrets of the broker as [secret]
  std::string source;  ///< topic, broker, default
};

struct TopicView {
  std::string name;
  bool internal = false;
  std::vector<TopicPartitionView> partitions;
  std::vector<TopicConfigView> config;  ///< of describe only
};

using TopicList = std::vector<TopicView>;
using TopicOutcomes = std::vector<TopicOutcome>;
using TopicListAnswer = std::function<void(const Result<TopicList>& topics)>;
using TopicOutcomesAnswer = std::function<void(const Result<TopicOutcomes>& outcomes)>;

/// The calls return at once; each answer is called exactly once if they succeed, on another thread, by the deadline and a
/// little; they fail (busy) when too many wait. [any thread]
class TopicAdmin {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  virtual ~TopicAdmin() = default;
  /// Without the configurations. Sorted by name.
  virtual Result<void> list(Deadline deadline, TopicListAnswer answer) = 0;
  /// With them. A topic that does not exist is a not_found error that names it.
  virtual Result<void> describe(std::vector<std::string> names, Deadline deadline, TopicListAnswer answer) = 0;
  /// Idempotent: a topic that is there is `existed`, and its message says what differs.
  virtual Result<void> create(std::vector<TopicSpec> topics, Deadline deadline, TopicOutcomesAnswer answer) = 0;
  /// Idempotent: a topic that is not there is `absent`.
  virtual Result<void> remove(std::vector<std::string> names, Deadline deadline, TopicOutcomesAnswer answer) = 0;
  /// To `total` partitions. Fewer than there are is a failure of that topic: Kafka takes none away.
  virtual Result<void> add_partitions(std::string name, std::int32_t total, Deadline deadline,
                                      TopicOutcomesAnswer answer) = 0;
};

}  // namespace kafka_events
