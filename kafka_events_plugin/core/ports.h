// The ports between the parts of this module: who needs what of whom, and nothing else. Pipelines know these, not libraries.
//
//   out:  EventBus ─on_event─► EventHandler (outbound pipeline) ─send─► RecordSink (kafka producer)
//                                                   ▲                        │
//                                                   └── DeliveryListener ◄───┘ delivery thread, in batches
//   in:   kafka consumer ─on_record─► RecordHandler (inbound pipeline) ─publish─► EventBus
//              ▲                            ▲                                        │
//              └── watermarks() ────────────┴────────── PublishCompletion ◄──────────┘ any thread
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "core/handover.h"
#include "core/record.h"
#include "core/result.h"

namespace kafka_events {

/// Handles events of the bus. Called on any publisher's thread, several at once; must not block or throw.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// `later` means: the bus's complete() will be called for this event once (plus what defer() announced).
  virtual HandlerAnswer on_event(const Event& event) noexcept = 0;
};

/// Told once when all handlers of a published event are done. Called on any thread; must not block or throw.
class PublishCompletion {
 public:
  virtual ~PublishCompletion() = default;
  virtual void completed(std::uint64_t cookie, Outcome outcome, std::string_view detail) noexcept = 0;
};

enum class SubscriptionToken : std::uint64_t {};

/// The host's event bus. All functions may be called from any thread.
class EventBus {
 public:
  virtual ~EventBus() = default;

  /// Publishes on the calling thread. On success `completion` (may be null) is called exactly once, possibly before this
  /// returns; it must live until then. On failure it is not called, and a payload's owner has been released.
  virtual Result<void> publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) = 0;

  /// `handler` is called from now on, until unsubscribe() returned. Patterns are RE2, matched from the topic's start.
  virtual Result<SubscriptionToken> subscribe(std::string_view name, std::span<const std::string> patterns,
                                              EventHandler& handler) = 0;
  virtual void unsubscribe(SubscriptionToken token) = 0;

  /// Within on_event: `more` completions will come in addition to the one that `later` stands for.
  virtual void defer(EventHandle event, std::uint32_t more) noexcept = 0;
  virtual void complete(EventHandle event, Outcome outcome, std::string_view detail) noexcept = 0;
  virtual void complete_many(std::span<const EventHandle> events, Outcome outcome) noexcept = 0;

  /// A view of an event that is still referenced (between `later` and complete()). `headers` of the view are empty.
  [[nodiscard]] virtual Event view(EventHandle event) const noexcept = 0;

  /// How many handlers an event of this topic would reach.
  [[nodiscard]] virtual std::uint32_t listeners(std::string_view topic) const noexcept = 0;
};

/// Takes records on their way to Kafka.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  /// Opens a topic once; the name has been checked. Any thread. Fails when the sink is stopped or at its bound of topics.
  virtual Result<TopicId> open_topic(std::string_view name) = 0;

  /// Enqueues one record and never blocks. Any thread. `accepted` means: exactly one DeliveryReport with this event follows.
  virtual SendStatus send(const OutboundRecord& record) noexcept = 0;

  /// Why the last record of this thread's call was refused or too large, for a person. Cold path.
  [[nodiscard]] virtual std::string explain(SendStatus status, const OutboundRecord& record) const = 0;
};

/// Told what became of accepted records, in batches, on the delivery thread of whoever sent them. Must not block or throw.
class DeliveryListener {
 public:
  virtual ~DeliveryListener() = default;
  virtual void on_deliveries(std::span<const DeliveryReport> reports) noexcept = 0;
};

/// How far a partition's records are done: all offsets below `next_offset` are.
struct Watermark {
  TopicPartition partition;
  std::int64_t next_offset = 0;
};

/// What a handler of records may ask of the consumer that feeds it, from within its own functions.
class ConsumerControl {
 public:
  virtual ~ConsumerControl() = default;

  /// The membership in the group as TransactionalSink::commit() wants it (KIP-447). Fails when it has been lost: nothing
  /// may be committed for what was assigned.
  virtual Result<std::string> group_metadata() = 0;
  /// What the group has committed for these partitions, -1 for none; transactions on them that are about to end are
  /// waited for. Fails at the deadline.
  virtual Result<std::vector<Watermark>> committed(std::span<const TopicPartition> partitions,
                                                   std::chrono::steady_clock::time_point deadline) = 0;
  /// The worker cannot go on: it fails, for everybody to see.
  virtual void give_up(std::string reason) = 0;
};

/// What a consumer's thread is publishing at the moment, for reports.
struct AtHand {
  std::string event_topic;
  std::string record;  ///< its id, topic:partition:offset
};

/// Receives records of one worker. All functions are called on that worker's consumer thread, but for in_flight() and
/// at_hand().
class RecordHandler {
 public:
  virtual ~RecordHandler() = default;

  /// The consumer has started; null: it has ended, and nothing may be asked of it any more.
  virtual void attach(ConsumerControl* consumer) { (void)consumer; }
  /// How soon on_turn() wants to be called again.
  [[nodiscard]] virtual std::chrono::milliseconds next_turn_within() const noexcept {
    return std::chrono::milliseconds(100);
  }

  /// None: the consumer has joined its group, and there is nothing to read for it.
  virtual void on_assigned(std::span<const TopicPartition> partitions) = 0;
  /// Waits until the records of these partitions are done, or the deadline passes, and forgets them: later completions of
  /// this assignment are ignored. Returns the final watermarks (commit them before giving the partitions back).
  virtual std::vector<Watermark> on_revoked(std::span<const TopicPartition> partitions,
                                            std::chrono::steady_clock::time_point deadline) = 0;
  /// The partitions now belong to somebody else: forget them without committing.
  virtual void on_lost(std::span<const TopicPartition> partitions) = 0;

  /// Takes the record, and with it the duty to release it.
  virtual void on_record(const InboundRecord& record) = 0;

  /// Watermarks that moved since the last call. Cheap when none did.
  virtual std::vector<Watermark> watermarks() = 0;

  /// Work that is due by the clock, such as retries; called at least every 100 ms.
  virtual void on_turn(std::chrono::steady_clock::time_point now) = 0;

  /// Partitions that must rest at the moment (a retry is waiting), and whether all must (too much in flight).
  [[nodiscard]] virtual bool wants_pause() const noexcept = 0;
  [[nodiscard]] virtual std::vector<TopicPartition> paused_partitions() const = 0;

  // ---- From one version of the module to another, see core/handover.h ----

  /// true: nothing new begins, retries wait, what is under way comes to its end; on_turn() goes on being called. false: as
  /// ever.
  virtual void quiesce(bool on) { (void)on; }
  /// Nothing is under way: no handler, no dead letter, no transaction, not even of partitions that were taken away.
  [[nodiscard]] virtual bool is_quiet() const { return in_flight() == 0; }
  /// Adds what is known of its partitions, in full, and its counters. Quiet; nobody else calls it meanwhile.
  virtual void hand_over(WorkerHandover& to) const { (void)to; }
  /// Its counters go on from these. Before attach(), by the thread that starts the consumer.
  virtual void take_over_counters(const WorkerHandover& from) { (void)from; }
  /// After on_assigned() of these: what is done is not handled again, what waits goes on waiting.
  virtual void take_over(std::span<const PartitionHandover> partitions) { (void)partitions; }

  /// Records whose handlers have not completed. Any thread.
  [[nodiscard]] virtual std::uint64_t in_flight() const noexcept = 0;
  /// The record that went, or is going, to its handlers last. Any thread.
  [[nodiscard]] virtual AtHand at_hand() const { return {}; }
};

enum class LogLevel : std::uint8_t { trace = 0, debug = 1, info = 2, warning = 3, error = 4 };

struct LogField {
  std::string_view name;   ///< OpenTelemetry's attribute name where there is one
  std::string_view value;  ///< never a payload, key, tenant id or secret
};

/// The host's log. Any thread.
class Log {
 public:
  virtual ~Log() = default;
  [[nodiscard]] virtual bool enabled(LogLevel level) const noexcept = 0;
  virtual void write(LogLevel level, std::string_view component, std::string_view message,
                     std::span<const LogField> fields = {}) noexcept = 0;
};

}  // namespace kafka_events
