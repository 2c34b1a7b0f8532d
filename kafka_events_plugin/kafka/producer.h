// The producer: records into librdkafka's queue on any thread, delivery reports out of it in batches on one thread.
//
//   auto producer = Producer::create(settings.producer, log);
//   producer.value()->start(listener);
//   auto topic = producer.value()->open_topic("acapy-outbound-message");
//   producer.value()->send({.topic = topic.value(), .value = payload, .event = handle});   // never blocks
//   …
//   producer.value()->flush(deadline);   // nothing in flight any more, everything was reported
//   producer.value()->stop(deadline);
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/leave_request.h"
#include "core/ports.h"
#include "kafka/connection_probe.h"
#include "kafka/delivery_reports.h"
#include "kafka/lost_records.h"
#include "kafka/recent_errors.h"
#include "kafka/send_path.h"

namespace kafka_events {

/// What becomes of records without a report when the client has to be replaced (a fatal error, renew()).
enum class OnLoss : std::uint8_t {
  /// The next client gets them first, in their order per partition; a record whose time (message.timeout.ms, counted from
  /// send()) is over is reported as a transient failure. What was on its way is written twice at worst.
  replay,
  /// They are reported as transient failures, in their order per partition.
  report,
};

/// What became of the records that were in flight when flush() was called. Each of them was reported.
struct FlushResult {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;         ///< those given up at the deadline among them
  bool everything_reported = true;  ///< false only if librdkafka did not answer a purge within a second
};

struct ProducerStatus {
  bool running = false;
  bool connected = false;
  std::uint64_t in_flight = 0;  ///< records accepted and not reported
  std::uint64_t delivered = 0;  ///< records, since creation
  std::uint64_t failed = 0;
  std::uint64_t topics = 0;     ///< opened
  std::uint64_t recreated = 0;  ///< times that a fatal error or renew() made a new client
  std::uint64_t replayed = 0;   ///< records that a new client was given once more
  std::vector<BrokerStatus> brokers;
  std::vector<RecentError> last_errors;  ///< newest first
};

class Producer final : public RecordSink {
 public:
  static constexpr std::size_t max_topics = ProducerSession::max_topics;

  /// Checks the properties; starts and connects nothing. `log` must outlive the producer.
  /// `settings`: see producer_properties.h; `oauth_token_file` is Settings::oauth_token_file, or empty. `bound_to`: what else
  /// another version must have in common with this one to go on with its client, such as the outbox that records come from.
  static Result<std::unique_ptr<Producer>> create(const config::ProducerSettings& settings, Log& log,
                                                  std::string oauth_token_file = {}, const std::string& bound_to = {});

  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() override;

  /// Creates the client and the delivery thread; returns without waiting for a broker. `listener` must outlive stop().
  /// Topics that were opened before a stop keep their ids. [lifecycle thread, stopped]
  ///
  /// `from`: what another version's suspend() gave. Its client is withdrawn and gone on with: reports of what that version
  /// has sent come to this listener. On failure the client is deposited again. Counters go on.
  Result<void> start(DeliveryListener& listener, OnLoss on_loss = OnLoss::replay,
                     const ProducerHandover* from = nullptr, Deposits* deposits = nullptr);

  [[nodiscard]] bool running() const noexcept { return thread_.joinable(); }  ///< [lifecycle thread]
  /// The newest start() has gone on with another version's client. [lifecycle thread]
  [[nodiscard]] bool has_taken_over() const noexcept { return taken_over_; }

  /// What its client is made from, or would be if it were started now. No client can be made if the digest is empty.
  /// [lifecycle thread]
  [[nodiscard]] ClientKey key(std::string name) const;

  /// Makes the client and connects it (within a second; a broker that is away is no error), for a start() without a deposit.
  /// [lifecycle thread, stopped]
  void prepare();

  /// Gives itself up. A client whose key the other version has too is deposited as it is, within a millisecond: what is in
  /// flight stays so, its reports wait for the other version. Otherwise every report is awaited, and the client ended. Nobody
  /// may send meanwhile. Fails if that is not done by the deadline, or while the client is being replaced, and then goes on
  /// as before; else it is stopped. A broker that does not answer may take a second more. [lifecycle thread]
  Result<ProducerHandover> suspend(std::string name, const SuspendRequest& request, Deposits& deposits);

  /// Waits until every record accepted so far was reported; at the deadline the rest is purged, and reported as failed.
  /// [lifecycle thread]
  FlushResult flush(std::chrono::steady_clock::time_point deadline);

  /// Refuses records from now on, purges what is still in flight (reported as failed), ends the thread and the client.
  /// Idempotent. A client that does not end by the deadline is left to end by itself. [lifecycle thread]
  void stop(std::chrono::steady_clock::time_point deadline);

  /// Replaces the client as after a fatal error: what it holds is replayed or reported, as start() was told; meanwhile
  /// send() answers `full`. For a broker that is away for long, so that an outbox gets what waits in memory. Returns at
  /// once; several requests before the first is served count as one. [any thread]
  void renew() noexcept;

  Result<TopicId> open_topic(std::string_view name) override { return path_.open_topic(name); }
  SendStatus send(const OutboundRecord& record) noexcept override { return path_.send(record); }
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override {
    return path_.explain(status, record);
  }

  /// A broker answered, and nothing since then says that all are away. Cheap. [any thread]
  [[nodiscard]] bool connected() const noexcept { return probe_.connected(); }
  /// Records accepted and not reported (give or take an error event that waits to be served). [any thread]
  [[nodiscard]] std::uint64_t in_flight() const;
  [[nodiscard]] ProducerStatus status() const;  ///< [any thread]

 private:
  using Session = SendPath::Session;
  using Clock = std::chrono::steady_clock;

  Producer(const config::ProducerSettings& settings, std::string oauth_token_file, const std::string& bound_to,
           Log& log);

  [[nodiscard]] Result<Session> make_session() const;
  Result<void> run_with(const Session& session, std::span<const std::string> topics);

  // Change of hands (producer_handover.cpp).
  Result<Session> session_for(const ProducerHandover* from, Deposits* deposits);
  void give_back(Session session, const ProducerHandover* from, Deposits* deposits);
  Result<ProducerHandover> finish(const std::string& name, Clock::time_point deadline);
  [[nodiscard]] ProducerHandover state(const std::string& name) const;
  void seed(const Counters& counters);

  void wait_for_reports(Clock::time_point deadline) const;
  void wake() const;

  // The delivery thread.
  void run();
  void serve(const Session& session, int timeout_ms);
  void on_reports(EventOwner event, const Session& session);
  void on_error(rd_kafka_event_t* event);
  void count(const DeliveryCounts& counts) noexcept;
  [[nodiscard]] bool may_replay() const noexcept;

  // The delivery thread, when a client ends (producer_replay.cpp).
  void replace_client();
  void collect_lost(const Session& session, Clock::time_point deadline);
  void report_lost();
  void replay(const Session& session);
  /// False: the new client does not take records either.
  bool replay_front(const Session& session);

  const config::ProducerSettings settings_;
  const std::string oauth_token_file_;
  const std::string identity_;                   // of its client, beside the properties
  const std::chrono::microseconds record_time_;  // message.timeout.ms; max(): no limit
  RecentErrors errors_;
  RecentErrors client_log_;
  Log& log_;
  ConnectionProbe probe_;
  SendPath path_;

  DeliveryListener* listener_ = nullptr;  // set while stopped
  OnLoss on_loss_ = OnLoss::replay;       // set while stopped
  std::thread thread_;                    // lifecycle thread
  Session prepared_;                      // lifecycle thread; for the next start()
  bool prepared_connected_ = false;       // lifecycle thread
  bool taken_over_ = false;               // lifecycle thread
  LeaveRequest delivery_;
  std::atomic<Clock::time_point> stop_by_{never};
  std::atomic<bool> renew_{false};
  std::atomic<bool> give_up_{false};  // report what has no report yet

  // The delivery thread's own.
  bool fatal_ = false;
  bool collecting_ = false;  // reports of lost records are kept in lost_
  LostRecords lost_;         // without a report, in their order; not empty only while the client is being replaced

  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> recreated_{0};
  std::atomic<std::uint64_t> replayed_{0};
  std::atomic<std::uint64_t> waiting_{0};  // records in lost_, while no client counts them

  static constexpr auto never = Clock::time_point::max();
};

}  // namespace kafka_events
