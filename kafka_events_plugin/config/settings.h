// The configuration as plain values: what the parts of this module are built from. loader.h makes it from YAML.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kafka_events::config {

/// Where a setting was written, for messages. line and column count from 1; 0: a default or an override.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string key_path;  ///< kafka_events.consumer-config.group_id
};

/// One property of librdkafka, by its own name.
struct Property {
  std::string name;
  std::string value;
  bool secret = false;  ///< shown as [secret] everywhere
  Place place;          ///< of the option that it came from
};

enum class Qos : std::uint8_t { at_most_once, at_least_once, exactly_once };
enum class CodecKind : std::uint8_t { raw, envelope };
enum class OutboxMode : std::uint8_t { off, when_needed, always };
enum class FsyncKind : std::uint8_t { group, each, off };
enum class OnFailure : std::uint8_t { dead_letter, stop, skip };

/// One way out: which events, and what becomes of them.
struct RouteSettings {
  std::string name;                      ///< for metrics and explain; "default", "topic_maps.0", "outbound.1"
  std::string match;                     ///< RE2, matched from the start of the event topic
  std::string topic = "{topic:kafka}";   ///< template
  std::string key = "{tenant}";          ///< template; an event's own key goes before it
  std::vector<std::int32_t> partitions;  ///< empty: all of them
  CodecKind codec = CodecKind::raw;
  Qos qos = Qos::at_least_once;
  bool status_events = true;
  bool continue_matching = false;
  Place place;
};

struct RetrySettings {
  std::uint32_t attempts = 5;
  std::chrono::milliseconds backoff{100};
  std::chrono::milliseconds max_backoff{10000};
};

/// One named consumer with its own group and thread. The default one is called "inbound".
struct WorkerSettings {
  std::string name;
  std::string group;
  std::vector<std::string> topics;       ///< with the prefix; patterns begin with ^
  std::vector<std::int32_t> partitions;  ///< empty: all, by group assignment
  std::string event_topic;               ///< template over {topic} and {topic:event}; empty: the topic rule backwards
  CodecKind codec = CodecKind::raw;
  Qos qos = Qos::at_least_once;
  std::string transactional_id;  ///< of its own producer; for exactly_once only
  RetrySettings retries;
  OnFailure on_failure = OnFailure::dead_letter;
  std::string dead_letter_topic = "dlq-{topic}";
  std::uint32_t max_in_flight = 1000;             ///< records
  std::chrono::milliseconds slow_handler{30000};  ///< a handler that takes longer is reported
  std::chrono::milliseconds poll_timeout{200};    ///< consumer_timeout_ms
  std::optional<std::uint32_t> max_poll_records;  ///< per turn; none: no bound
  std::vector<Property> properties;               ///< the whole rd_kafka_conf_t of its consumer
  bool auto_commit = true;                        ///< enable_auto_commit: stored offsets are committed by the clock
  Place place;
};

struct ProducerSettings {
  std::vector<Property> properties;  ///< the whole rd_kafka_conf_t of the producer
  std::uint64_t max_record_bytes = 1048576;
  std::string transactional_id;  ///< of exactly_once producers; empty: made from the outbox's id, or the process
  std::chrono::milliseconds transaction_timeout{60000};
};

/// The durable outbox; `off` unless the block is there.
struct OutboxSettings {
  OutboxMode mode = OutboxMode::off;
  std::string path;
  std::uint64_t max_bytes = std::uint64_t{1} << 30U;
  FsyncKind fsync = FsyncKind::group;
  std::chrono::milliseconds group_interval{5};
  Place place;
};

/// One option as /kafka/config shows it.
struct EffectiveOption {
  std::string key_path;              ///< as the documentation spells it: kafka_events.consumer-config.group_id
  std::string value;                 ///< secrets as [secret]
  std::string source;                ///< "default", "file:line", "-o"
  std::vector<std::string> becomes;  ///< librdkafka properties, "producer linger.ms=0"; or what it does instead
};

struct Settings {
  std::string topic_prefix;
  std::string client_id;
  std::vector<RouteSettings> routes;    ///< in order; never empty unless outbound is switched off with []
  std::vector<WorkerSettings> workers;  ///< the first is "inbound" unless it is switched off with topics: []
  ProducerSettings producer;
  OutboxSettings outbox;
  bool reload_on_change = false;
  std::vector<EffectiveOption> options;
  /// OAUTHBEARER: the file that holds the token, read anew at each refresh; every client uses the same one.
  std::optional<std::string> oauth_token_file;
};

enum class Severity : std::uint8_t { error, warning };

/// One problem of a configuration, ready to be printed as file:line:column: key_path: message.
struct Problem {
  Severity severity = Severity::error;
  Place place;
  std::string message;
};

}  // namespace kafka_events::config
