// The configuration as plain values: what the parts of this module are built from. loader.h makes it from YAML.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/topic_admin.h"

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
enum class CodecKind : std::uint8_t { raw, envelope, cloudevents, cloudevents_structured, avro };
/// How Avro values are JSON: unions of null and one type without the type's name, or as Avro's own JSON encoding has them.
enum class AvroJson : std::uint8_t { plain, avro };
/// Logical types as the type below them has them, or readable (dates as RFC 3339, decimals as text).
enum class LogicalTypes : std::uint8_t { raw, readable };
enum class OutboxMode : std::uint8_t { off, when_needed, always };
enum class FsyncKind : std::uint8_t { group, each, off };
enum class OnFailure : std::uint8_t { dead_letter, stop, skip };

/// The schemas of a route or a worker with codec avro. Routes write with them, workers read into them.
struct SchemaSettings {
  std::string value_schema;                     ///< its text; empty: the subject's (routes), the writer's own (workers)
  std::string key_schema;                       ///< its text; empty: keys are not Avro, unless key_from_registry
  bool key_from_registry = false;               ///< keys are Avro, with the schema of key_subject
  std::string value_subject = "{topic}-value";  ///< template over {topic}, the Kafka topic
  std::string key_subject = "{topic}-key";
  std::optional<std::int32_t> version;  ///< of the value subject's schema, without a value_schema; none: the latest
  bool auto_register = false;
  AvroJson json = AvroJson::plain;
  LogicalTypes logical_types = LogicalTypes::raw;
};

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
  SchemaSettings schema;  ///< codec avro
  /// Template of the topic that answers are wanted on; empty: its events are no requests.
  std::string reply_to;
  std::chrono::milliseconds reply_timeout{30000};
  bool with_prefix = true;     ///< false: what the template gives is the whole topic already
  bool single_writer = false;  ///< a transactional id for its topic fences every other writer of it
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
  SchemaSettings schema;  ///< codec avro
  /// Where answers to its records go that name no reply topic: template over {topic}; empty: such records want none.
  std::string reply_to = "{topic}.reply";
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
  /// Where the group has committed nothing, the end of a partition is looked up before the handler is told of it, and
  /// committed: nothing that is written from then on is missed, whatever happens. For auto.offset.reset latest.
  bool keep_start = false;
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

/// A registry with Confluent's API.
struct RegistrySettings {
  std::vector<std::string> urls;  ///< tried in order; without a slash at the end
  std::string username;
  std::string password;
  std::string ca_file;  ///< empty: the system's
  std::string certificate_file;
  std::string key_file;
  std::chrono::milliseconds timeout{5000};   ///< of one request
  std::chrono::milliseconds refresh{60000};  ///< how old a `latest` may be
  Place place;
};

/// Limits that each tenant has for itself; 0: none.
struct TenantSettings {
  std::uint64_t max_events_per_second = 0;
  std::uint64_t max_bytes_per_second = 0;  ///< of payloads
  std::uint64_t max_in_flight = 0;         ///< events without a delivery report
  std::chrono::milliseconds burst{1000};   ///< how much of the rates may come at once
  bool fair = true;                        ///< while much is in flight, no tenant has more than its share
  std::uint64_t fair_from = 1000;          ///< events in flight, of all tenants, from which on shares count
  std::uint64_t max_tenants = 1000000;     ///< that are kept in mind at once
};

struct LoopGuardSettings {
  std::string origin;           ///< this agent's id in records
  std::uint32_t max_hops = 16;  ///< a record that has come through so many agents ends here
  bool accept_own = false;      ///< records of this agent become events as well
};

struct RequestSettings {
  std::uint64_t max_pending = 10000;
  std::string allowed_reply_topics = ".*";  ///< RE2 over whole names: where answers to records may be sent
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
  std::optional<RegistrySettings> schema_registry;
  std::vector<TopicSpec> ensure_topics;  ///< created at the start if they are missing; names with the prefix
  std::optional<TenantSettings> tenants;
  LoopGuardSettings loop_guard;
  RequestSettings requests;
  std::string cloudevents_source;        ///< the attribute `source`
  std::vector<std::string> run_workers;  ///< `workers` has these only; empty: all of them
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
