// Writes dead letters through the event bus: each becomes an event kafka_events::dead_letter::<topic>, whose handler
// here sends it to Kafka. So the message's opaque is an event of the host, as everywhere, and anybody may watch dead
// letters. What is too large for the bus goes to the sink directly.
//
//   pipeline ─send─► bus ─on_event─► RecordSink (a producer of its own, opened with the first dead letter)
//       ▲                                │ delivery report
//       └──────── completion ◄── bus.complete ◄┘
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/ports.h"
#include "core/transaction_scope.h"
#include "inbound/dead_letters.h"

namespace kafka_events {

class DeadLetterWriter final : public DeadLetterSink, public EventHandler, public DeliveryListener {
 public:
  /// Makes the sink ready to send, with this listener; called with the first dead letter after start(), on its consumer
  /// thread.
  using OpenSink = std::function<Result<void>(DeliveryListener&)>;

  /// Reports of `sink` must reach this object and nobody else. Everything given must outlive the writer. `transactions`
  /// (may be null): dead letters of exactly_once workers are written within their transactions.
  static Result<std::unique_ptr<DeadLetterWriter>> create(EventBus& bus, RecordSink& sink, OpenSink open_sink, Log& log,
                                                          TransactionScopes* transactions = nullptr);
  ~DeadLetterWriter() override;

  /// Subscribes to the bus; before the consumers start. [lifecycle thread]
  Result<void> start();
  /// Unsubscribes; after the consumers stopped and before the sink is flushed. start() may follow. [lifecycle thread]
  void stop();

  /// The sink was opened at some time, so it needs flushing and stopping.
  [[nodiscard]] bool sink_opened() const noexcept { return opened_.load() || was_opened_.load(); }

  Result<void> send(const DeadLetter& letter, PublishCompletion& completion, std::uint64_t cookie) override;
  HandlerAnswer on_event(const Event& event) noexcept override;
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;

 private:
  DeadLetterWriter(EventBus& bus, RecordSink& sink, OpenSink open_sink, Log& log, TransactionScopes* transactions)
      : bus_(bus), sink_(sink), open_sink_(std::move(open_sink)), log_(log), transactions_(transactions) {}

  /// Where a completion goes that no event brings back.
  struct Direct {
    PublishCompletion* completion = nullptr;
    std::uint64_t cookie = 0;
  };

  Result<void> open();
  Result<void> send_past_the_bus(const DeadLetter& letter, std::span<const Header> headers, Direct direct);

  EventBus& bus_;
  RecordSink& sink_;
  const OpenSink open_sink_;
  Log& log_;
  TransactionScopes* const transactions_;
  std::atomic<bool> opened_{false};
  std::atomic<bool> was_opened_{false};
  std::mutex opening_;
  std::mutex direct_mutex_;  // guards what follows
  std::unordered_map<std::uint64_t, Direct> direct_;
  std::uint64_t next_direct_ = 0;
  std::optional<SubscriptionToken> subscription_;  // lifecycle thread
};

}  // namespace kafka_events
