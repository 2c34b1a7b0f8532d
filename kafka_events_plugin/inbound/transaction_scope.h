// The transaction of an exactly_once worker as its handlers' events see it: a sink in front of the worker's
// transactional producer which keeps what status events need until the commit.
//
//   handler ─publish─► outbound pipeline ─sink_for─► OpenTransactions ─► TransactionScope ─send─► TransactionalSink
//                             ▲                                              │ ▲                        │
//                             └────────── reports, after the commit ─────────┘ └──── on_deliveries ─────┘
//
//   auto scope = std::make_unique<TransactionScope>(sink, bus, *outbound);  // the sink reports to the scope
//   open_transactions.add(*scope);                                          // before anything starts
//   InboundPipeline::create(settings, prefix, bus, dead_letters, log, scope.get());
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <string>
#include <vector>

#include "core/transaction.h"
#include "core/transaction_scope.h"
#include "inbound/transaction_batch.h"

namespace kafka_events {

/// Refuses everything: for events of an attempt that was given up.
class RefusingSink final : public RecordSink {
 public:
  Result<TopicId> open_topic(std::string_view name) override;
  SendStatus send(const OutboundRecord& record) noexcept override;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override;
};

class TransactionScope final : public RecordSink, public DeliveryListener {
 public:
  /// Reports of `sink` must reach this object and nobody else; those of committed records go on to `committed`, on the
  /// consumer's thread. Everything given must outlive the scope.
  TransactionScope(TransactionalSink& sink, EventBus& bus, DeliveryListener& committed)
      : sink_(sink), bus_(bus), committed_(committed) {}

  [[nodiscard]] TransactionalSink& sink() noexcept { return sink_; }

  // ---- Consumer thread ----

  /// A transaction has begun in which these records are handled.
  void open(std::shared_ptr<TransactionBatch> batch);
  /// No event may join it any more. Handlers of it that still run are refused from now on.
  void close();
  /// It was committed: its reports go on.
  void committed();
  /// It was aborted: they are forgotten.
  void aborted();
  /// A record of the transaction was not delivered, so that it cannot be committed; `blame`: it never will be.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] bool blame() const;
  /// Records whose handlers run, of the open transaction and of those that were given up.
  [[nodiscard]] std::uint64_t running() const;

  /// While this lives, what is published on this thread belongs to the transaction.
  class Handing {
   public:
    explicit Handing(TransactionScope& scope) noexcept : scope_(scope) { scope_.handing_on_ = own_thread(); }
    ~Handing() { scope_.handing_on_ = 0; }
    Handing(const Handing&) = delete;
    Handing& operator=(const Handing&) = delete;

   private:
    TransactionScope& scope_;
  };

  // ---- Any thread ----

  [[nodiscard]] bool is_quiet() const noexcept { return !busy_.load(std::memory_order_acquire); }
  /// This scope's sink, or the refusing one; null: the event is none of its own.
  [[nodiscard]] RecordSink* sink_for(const Event& event) noexcept;

  Result<TopicId> open_topic(std::string_view name) override { return sink_.open_topic(name); }
  SendStatus send(const OutboundRecord& record) noexcept override;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override {
    return sink_.explain(status, record);
  }
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;

 private:
  /// What its status event needs after the event itself has been completed.
  struct Sent {
    EventHandle event = nullptr;
    bool has_source = false;
    std::string topic, tenant, key, id, content_type, payload;
    bool null_key = false;
    bool null_payload = false;
    std::int64_t timestamp_us = 0;
    // Of the report, once it came.
    bool delivered = false;
    std::string kafka_topic;
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::int64_t latency_us = 0;
    std::uint64_t value_bytes = 0;
  };

  static std::uint64_t own_thread() noexcept { return static_cast<std::uint64_t>(pthread_self()); }
  static Sent kept(const OutboundRecord& record);
  [[nodiscard]] EventHandle take(const DeliveryReport& report) noexcept;
  void pass_on(const Sent& sent);
  void forget_ended();

  TransactionalSink& sink_;
  EventBus& bus_;
  DeliveryListener& committed_;
  RefusingSink refusing_;

  std::atomic<bool> busy_{false};             // a transaction is open, or handlers of a given-up one still run
  std::atomic<std::uint64_t> handing_on_{0};  // a thread; 0: none

  mutable std::mutex mutex_;                                 // guards what follows
  std::shared_ptr<TransactionBatch> batch_;                  // of the open transaction
  std::vector<std::shared_ptr<TransactionBatch>> given_up_;  // whose handlers have not all ended
  std::map<std::uint64_t, Sent> sent_;
  std::uint64_t next_number_ = 1;
  bool failed_ = false;
  bool blame_ = false;
};

/// The scopes of all workers of a configuration.
class OpenTransactions final : public TransactionScopes {
 public:
  /// Before the first event.
  void add(TransactionScope& scope) { scopes_.push_back(&scope); }
  [[nodiscard]] RecordSink* sink_for(const Event& event) noexcept override {
    for (TransactionScope* scope : scopes_) {
      if (scope->is_quiet()) continue;
      if (RecordSink* sink = scope->sink_for(event)) return sink;
    }
    return nullptr;
  }

 private:
  std::vector<TransactionScope*> scopes_;
};

}  // namespace kafka_events
