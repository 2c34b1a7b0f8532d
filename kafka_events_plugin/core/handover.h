// What one version of this module hands to the next: plain records, filled by the part that gives something up and read
// by the same part of the other version. plugin/ writes them as bytes; librdkafka clients change hands as deposits.
//
// The life of a part that takes part in it:
//
//   old   active ─► quiesce() ─► suspend(): a record, clients deposited ─► stopped ──────────► destroyed
//   new                              create(), prepare()    start(record, deposits) ─► active
//
// A rollback is start(record, deposits) of the old one, with what the new one's suspend() gave.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/record.h"
#include "core/result.h"

namespace kafka_events {

/// Keeps things between the suspend() of one version and the start() of the other. Lifecycle thread.
class Deposits {
 public:
  virtual ~Deposits() = default;
  /// `release` is a function of a library that stays resident; it is called if nobody withdraws the thing.
  virtual Result<void> deposit(std::string_view kind, std::string_view name, void* thing, void (*release)(void*)) = 0;
  /// The thing, which is the caller's from now on; null: there is none.
  [[nodiscard]] virtual void* withdraw(std::string_view kind, std::string_view name) noexcept = 0;
};

/// A client that a version could go on with: its name among the deposits, and a digest of everything that it was made
/// from. Versions exchange these before the handover; only a client that both name with one digest is deposited.
struct ClientKey {
  std::string name;    ///< producer, producer.exactly_once, dead_letters, worker.audit, worker.audit.transactions
  std::string digest;  ///< of librdkafka's identity and the properties; no secret can be had back from it
  bool operator==(const ClientKey&) const = default;
};
using ClientKeys = std::vector<ClientKey>;
[[nodiscard]] inline bool has(const ClientKeys& keys, const ClientKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// How a part is to give itself up.
struct SuspendRequest {
  std::chrono::steady_clock::time_point deadline;
  ClientKeys other;  ///< clients that the other version would take as they are; all others are ended in order
};

/// A counter that must not jump back: by name, and the name of what it counts for (a route, a worker) or empty.
struct CounterHandover {
  std::string name;
  std::string of;
  std::uint64_t value = 0;
};
using Counters = std::vector<CounterHandover>;

struct ProducerHandover {
  std::string name;                 ///< as ClientKey::name
  bool deposited = false;           ///< the client is among the deposits; else it was flushed and ended
  bool connected = false;           ///< a broker answered lately
  std::vector<std::string> topics;  ///< that were open, in the order of their ids
  Counters counters;
};

/// How far one stream of the outbox is. Both versions have the same directory.
struct OutboxHandover {
  /// at_least_once: positions that are with the producer, if that was deposited; exactly_once: positions that Kafka will
  /// never take, and that were reported. Ranges [first, end), ascending.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> in_flight;
  /// The next one to be sent; what lies below and is not in flight was reported. 0: not known.
  std::uint64_t position = 0;
  /// at_least_once: a range of positions kept free for what comes back undelivered, and the first of them not yet used.
  std::pair<std::uint64_t, std::uint64_t> kept_free{0, 0};
  std::uint64_t next_free = 0;
  std::uint64_t unreported = 0;        ///< entries that are with the producer
  std::uint64_t unreported_bytes = 0;  ///< of their values
  bool fenced = false;                 ///< exactly_once: another instance took over, nothing is sent any more
  Counters counters;
};

struct SendersHandover {
  std::vector<ProducerHandover> producers;
  OutboxHandover at_least_once;
  OutboxHandover exactly_once;
};

/// A record that waits to be tried again. It is read once more from its partition.
struct RetryHandover {
  std::int64_t offset = 0;
  std::uint32_t attempts = 0;  ///< that were made
  bool dead_letter = false;    ///< it is given up, and waits for its dead letter to be written
  std::int64_t due_in_ms = 0;  ///< may be negative
  std::string stage;           ///< decode or handle
  std::string reason;          ///< for a person
};

struct PartitionHandover {
  TopicPartition partition;
  std::int64_t next_offset = -1;  ///< all records below are done; -1: none was read yet
  std::int64_t position = -1;     ///< the next record that the client would give; -1: not known
  std::vector<std::pair<std::int64_t, std::int64_t>> done;  ///< above next_offset, ranges [first, end), ascending
  std::vector<RetryHandover> retries;                       ///< ascending
  bool stopped = false;                                     ///< rests for good (on_failure: stop)
  bool paused = false;                                      ///< in a client that was deposited, for whatever reason
};

struct WorkerHandover {
  std::string worker;
  bool consumer_deposited = false;
  bool producer_deposited = false;  ///< of an exactly_once worker
  bool assigned = false;            ///< the client had an assignment; `partitions` lists all of it
  std::vector<PartitionHandover> partitions;
  std::vector<std::string> known_topics;  ///< of the census, as TOPIC:PARTITIONS: any other one is new
  bool census_taken = false;
  bool held = false;                            ///< an operator paused the whole worker
  std::vector<TopicPartition> held_partitions;  ///< or, if the whole worker is held, those that are not
  std::vector<std::string> producer_topics;
  std::string stop_reason;  ///< why the newest of the stopped partitions stopped
  Counters counters;
};

/// A request that waits for its answer.
struct RequestHandover {
  std::string correlation_id;
  std::string topic;  ///< of the request's event
  std::string tenant;
  std::string key;
  bool null_key = false;
  std::string id;  ///< of the request's event
  std::int64_t due_in_ms = 0;
  std::int64_t age_us = 0;
  bool late = false;  ///< its time was over; its answer is awaited only to be reported
};

/// A question that a schema answers.
struct SubjectHandover {
  std::string subject;
  std::int32_t version = 0;  ///< that was asked for; -1: the latest, 0: this very text
};

/// What the schema registry has said.
struct SchemaHandover {
  std::uint32_t id = 0;
  std::string text;
  std::vector<std::string> references;
  std::vector<SubjectHandover> subjects;
};

/// Everything.
struct Handover {
  bool running = true;  ///< false: stopped by an operator
  SendersHandover senders;
  std::vector<WorkerHandover> workers;
  Counters counters;  ///< of routes and status events
  std::vector<RequestHandover> requests;
  std::vector<SchemaHandover> schemas;
};

}  // namespace kafka_events
