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
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"
#include "kafka/connection_probe.h"
#include "kafka/producer_session.h"
#include "kafka/recent_errors.h"
#include "core/sender_gate.h"

namespace kafka_events {

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
  std::uint64_t recreated = 0;  ///< times that a fatal error of the idempotent producer made a new handle necessary
  std::vector<BrokerStatus> brokers;
  std::vector<RecentError> last_errors;  ///< newest first
};

class Producer final : public RecordSink {
 public:
  static constexpr std::size_t max_topics = ProducerSession::max_topics;

  /// Checks the properties; starts and connects nothing. `log` must outlive the producer.
  /// `oauth_token_file` is Settings::oauth_token_file, or empty.
  static Result<std::unique_ptr<Producer>> create(const config::ProducerSettings& settings, Log& log,
                                                  std::string oauth_token_file = {});

  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() override;

  /// Creates the client and the delivery thread; returns without waiting for a broker. `listener` must outlive stop().
  /// Topics that were opened before a stop keep their ids. [lifecycle thread, stopped]
  Result<void> start(DeliveryListener& listener);

  /// Waits until every record accepted so far was reported; at the deadline the rest is purged, and reported as failed.
  /// [lifecycle thread]
  FlushResult flush(std::chrono::steady_clock::time_point deadline);

  /// Refuses records from now on, purges what is still in flight (reported as failed), ends the thread and the client.
  /// Idempotent. A client that does not end by the deadline is left to end by itself. [lifecycle thread]
  void stop(std::chrono::steady_clock::time_point deadline);

  Result<TopicId> open_topic(std::string_view name) override;
  SendStatus send(const OutboundRecord& record) noexcept override;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override;

  /// A broker answered, and nothing since then says that all are away. Cheap. [any thread]
  [[nodiscard]] bool connected() const noexcept { return probe_.connected(); }
  /// Records accepted and not reported (give or take an error event that waits to be served). [any thread]
  [[nodiscard]] std::uint64_t in_flight() const;
  [[nodiscard]] ProducerStatus status() const;  ///< [any thread]

 private:
  using Session = std::shared_ptr<ProducerSession>;

  Producer(config::ProducerSettings settings, std::string oauth_token_file, Log& log)
      : settings_(std::move(settings)),
        oauth_token_file_(std::move(oauth_token_file)),
        log_(log),
        errors_(log, "kafka.producer"),
        client_log_(log, "kafka.librdkafka") {}

  SendStatus refuse(rd_kafka_resp_err_t code) noexcept;
  Result<Session> open_session();
  [[nodiscard]] Session session() const;

  // The delivery thread.
  void run();
  void serve(ProducerSession& session, int timeout_ms);
  void on_error(rd_kafka_event_t* event);
  void recreate();
  void close_gate();
  void give_up_in_flight(ProducerSession& session, std::chrono::steady_clock::time_point deadline);

  const config::ProducerSettings settings_;
  const std::string oauth_token_file_;
  Log& log_;
  RecentErrors errors_;
  RecentErrors client_log_;
  ConnectionProbe probe_;

  // What senders read. It is hidden, and the gate empty, before its session ends.
  SenderGate gate_;
  std::atomic<ProducerSession*> current_{nullptr};
  std::atomic<rd_kafka_resp_err_t> last_refusal_{RD_KAFKA_RESP_ERR_NO_ERROR};

  DeliveryListener* listener_ = nullptr;  // set while stopped
  std::thread thread_;                    // lifecycle thread
  std::atomic<std::chrono::steady_clock::time_point> stop_by_{never};
  bool fatal_ = false;  // delivery thread

  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> recreated_{0};

  static constexpr auto never = std::chrono::steady_clock::time_point::max();

  mutable std::mutex mutex_;         // guards what follows, and opening of topics
  Session session_;                  // null: stopped
  std::vector<std::string> topics_;  // by TopicId
  std::unordered_map<std::string, TopicId> ids_;
};

}  // namespace kafka_events
