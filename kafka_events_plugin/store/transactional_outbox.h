// exactly_once out: every event enters the outbox, and leaves it in transactions that also commit the outbox's position,
// so that after a crash at any instant Kafka itself says which entries were published.
//
//   pipeline ─send─► append to the store
//                       │ relay thread: begin, entries [p, q), commit with position q ─► erase [p, q), reports
//   start: prepare (fences an older instance) ─► position committed in Kafka ─► entries below were published: erase
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/handover.h"
#include "core/leave_request.h"
#include "core/ports.h"
#include "core/transaction.h"
#include "store/entry.h"
#include "store/live_events.h"
#include "store/outbox_store.h"

namespace kafka_events {

class TransactionalOutbox final : public RecordSink, public DeliveryListener {
 public:
  struct Options {
    std::uint64_t max_record_bytes = 1048576;
    std::size_t max_entries = 40'000;    ///< of a transaction
    std::size_t max_bytes = 32U << 20U;  ///< of a transaction
    std::chrono::milliseconds commit_timeout{10'000};
  };

  struct Status {
    std::string state;            ///< connecting, running, fenced, stopped
    std::string trouble;          ///< what it waits for, or why it gave up; empty: nothing
    std::uint64_t waiting = 0;    ///< entries that were not published
    std::uint64_t committed = 0;  ///< transactions, since creation
    std::uint64_t aborted = 0;
    std::uint64_t published = 0;  ///< entries
  };

  /// Where entries come from and go to.
  struct Ends {
    OutboxStore& store;
    TransactionalSink& kafka;  ///< its reports come here
    std::string group;         ///< the consumer group that holds the position; one for each outbox
  };

  /// Bus and log must outlive it. Starts nothing.
  TransactionalOutbox(Options options, EventBus& bus, Log& log);
  ~TransactionalOutbox() override;
  TransactionalOutbox(const TransactionalOutbox&) = delete;
  TransactionalOutbox& operator=(const TransactionalOutbox&) = delete;

  /// `listener` is told what became of the records once their transaction is committed. All must live until stop()
  /// returned. [lifecycle thread]
  ///
  /// `from`: what another version's suspend() gave. Kafka is not asked for the position. The store is the same directory.
  void start(const Ends& ends, DeliveryListener& listener, const OutboxHandover* from = nullptr);

  /// Ends the transaction at hand and begins none. Fails if that is not done by the deadline, and goes on as before.
  /// [lifecycle thread]
  Result<void> pause(std::chrono::steady_clock::time_point deadline);
  /// After pause(): goes on as before. [lifecycle thread]
  void resume();
  /// After pause(): publishers that still wait are told that the outbox keeps their events, and neither store nor Kafka is
  /// used any more. [lifecycle thread]
  OutboxHandover suspend();

  /// Ends the open transaction, with a commit if that works by the deadline; what was not committed stays in the outbox.
  /// Publishers that still wait are told so. Returns how many entries wait. [lifecycle thread]
  std::uint64_t stop(std::chrono::steady_clock::time_point deadline);

  Result<TopicId> open_topic(std::string_view name) override;
  SendStatus send(const OutboundRecord& record) noexcept override;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override;
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;

  [[nodiscard]] Status status() const;  ///< [any thread]
  /// It publishes, or will as soon as a broker answers. [any thread]
  [[nodiscard]] bool fenced() const noexcept { return fenced_.load(); }

 private:
  using Clock = std::chrono::steady_clock;

  /// What the broker said of one record of the open transaction.
  struct Sent {
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::int64_t latency_us = 0;
    Failure failure = Failure::transient;
    std::string reason;
  };

  SendStatus append(const OutboundRecord& record);
  void tell_kept();
  void begin_relaying();
  void go_on(const OutboxHandover& from);
  void wake();

  // The relay thread.
  void run();
  void turn();
  bool prepare();
  bool find_position();
  bool fill(std::uint64_t& end);
  bool send_entry(std::uint64_t position, const StoredEntry& entry);
  TransactionStep commit(std::uint64_t end);
  void finish_transaction(std::uint64_t end, const TransactionStep& step);
  void abort();
  void give_up(const TransactionStep& step);
  void leave_out_permanent_failures();
  void note_published(std::uint64_t end);
  void report_published();
  void report(std::uint64_t position, const StoredEntry& entry, EventHandle event, const Sent& sent);
  [[nodiscard]] std::vector<EventHandle> take_live(std::uint64_t first, std::uint64_t end);
  void erase(std::uint64_t first, std::uint64_t end);
  void rest(std::chrono::milliseconds time);
  void rest_until_appended(std::uint64_t seen);
  void set_trouble(std::string text);
  Result<TopicId> kafka_topic(std::string_view name);

  const Options options_;
  EventBus& bus_;
  Log& log_;
  DeliveryListener* listener_ = nullptr;

  // Set while stopped.
  TransactionalSink* kafka_ = nullptr;
  std::string group_;

  mutable std::mutex mutex_;      // guards what follows; held while appending, so that positions enter in order
  OutboxStore* store_ = nullptr;  // null: stopped
  LiveEvents live_;
  std::vector<std::string> topics_;  // by TopicId
  std::unordered_map<std::string, TopicId> topic_ids_;
  std::string append_trouble_;
  std::string trouble_;

  std::mutex sent_mutex_;         // guards what follows
  std::uint64_t sent_first_ = 0;  // the position of the first
  std::vector<Sent> sent_;        // of the open transaction, by position

  std::thread thread_;
  LeaveRequest relay_;
  std::atomic<bool> stopping_{true};
  std::atomic<Clock::time_point> stop_by_{Clock::time_point::max()};
  std::atomic<bool> fenced_{false};
  std::atomic<bool> ready_{false};
  std::mutex wake_mutex_;
  std::condition_variable wake_;
  std::atomic<bool> relay_rests_{false};
  std::atomic<std::uint64_t> appended_{0};

  // Relay thread only.
  std::uint64_t reported_ = 0;        // entries from here to the cursor are published and not reported yet
  std::vector<Sent> published_sent_;  // what the broker said of them
  bool prepared_ = false;
  bool positioned_ = false;
  std::uint64_t cursor_ = 0;
  std::string position_topic_;        // where the position is committed
  std::set<std::uint64_t> left_out_;  // positions at or after cursor_ that Kafka will never take, reported already
  std::unordered_map<std::string, TopicId> kafka_topics_;
  std::uint64_t refused_position_ = 0;  // the entry that was refused last, and how often in a row
  int refusals_ = 0;

  std::atomic<std::uint64_t> committed_{0};
  std::atomic<std::uint64_t> aborted_{0};
  std::atomic<std::uint64_t> published_{0};
};

}  // namespace kafka_events
