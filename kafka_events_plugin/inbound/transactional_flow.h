// exactly_once: what is consumed, what its handlers publish and the offsets in one transaction (KIP-98, KIP-447).
//
//   preparing ─► idle ─► handling ─► committing ─► idle            a batch of records goes round once
//       ▲  │               │  failed     │ abort
//       │  │               ▼             ▼
//       │  │            aborting ◄───────┘        ─► idle          its records go back into the queue
//       │  └─► deciding                           ─► idle          a commit whose answer was lost: the group's offsets tell
//       └────── renew, from any of them
//
// Records are kept in memory until their transaction is committed, so that nothing is ever fetched twice. One that
// failed is tried again alone, so that it does not take others with it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "inbound/event_maker.h"
#include "inbound/flow.h"
#include "inbound/slow_handlers.h"
#include "inbound/transaction_batch.h"
#include "inbound/transaction_queue.h"
#include "inbound/transaction_scope.h"

namespace kafka_events {

class TransactionalFlow final : public InboundFlow {
 public:
  using Clock = std::chrono::steady_clock;

  TransactionalFlow(const FlowParts& parts, std::unique_ptr<EventMaker> maker, TransactionScope& scope);
  ~TransactionalFlow() override;

  void attach(ConsumerControl* consumer) override;
  [[nodiscard]] std::chrono::milliseconds next_turn_within() const noexcept override;
  void on_assigned(std::span<const TopicPartition> partitions) override;
  std::vector<Watermark> on_revoked(std::span<const TopicPartition> partitions, Clock::time_point deadline) override;
  void on_lost(std::span<const TopicPartition> partitions) override;
  void on_record(const InboundRecord& record) override;
  std::vector<Watermark> watermarks() override { return std::exchange(moved_, {}); }
  void on_turn(Clock::time_point now) override;
  // transactional_handover.cpp
  void quiesce(bool on) override { quiesced_ = on; }
  [[nodiscard]] bool is_quiet() const override;
  void hand_over(WorkerHandover& to) const override;
  void take_over_counters(const WorkerHandover& from) override;
  void take_over(std::span<const PartitionHandover> partitions) override;
  [[nodiscard]] bool wants_pause() const noexcept override;
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override { return queue_.resting(Clock::now()); }
  [[nodiscard]] std::uint64_t in_flight() const noexcept override;
  [[nodiscard]] InboundStatistics statistics() const override;
  [[nodiscard]] AtHand at_hand() const override { return at_hand_.get(); }

 private:
  /// Half of what a worker may hold; the other half is what was polled meanwhile.
  static constexpr std::uint64_t max_batch_bytes = max_held_bytes / 2;

  enum class Stage : std::uint8_t { preparing, idle, handling, committing, aborting, deciding, failed };

  // One step each, in the order of the way. True: go on with the next one; false: later.
  bool step(Clock::time_point now, Clock::time_point deadline);
  bool prepare(Clock::time_point deadline);
  bool begin(Clock::time_point now);
  bool handled();
  bool commit(Clock::time_point deadline);
  bool abort(Clock::time_point deadline);
  bool decide(Clock::time_point deadline);
  bool react(const TransactionStep& step);

  void hand(std::uint64_t index);
  void publish(std::uint64_t index);
  void not_decoded(std::uint64_t index, const Error& error);
  void wait_for_schema(std::uint64_t index, const std::string& reason);
  void decided(const TopicPartition& partition);
  [[nodiscard]] bool waits_behind(std::uint64_t index) const;
  void give_up(std::uint64_t index);
  void write_dead_letter(std::uint64_t index);
  void finish();
  void finish(const TransactionItem& item);
  void handle_again();
  void blame(TransactionItem& item, std::string reason);
  void stop_partition(const TransactionItem& item);
  void drop(std::span<const TopicPartition> partitions);
  void abandon();
  void end_batch();
  [[nodiscard]] bool touches(std::span<const TopicPartition> partitions) const;
  void warn(std::string_view what, std::string_view reason);
  void look_for_slow_handlers(Clock::time_point now);

  const config::WorkerSettings settings_;
  const std::string prefix_;
  EventBus& bus_;
  DeadLetterSink* const dead_letters_;
  Log& log_;
  TransactionScope& scope_;
  const std::unique_ptr<EventMaker> maker_;

  // Consumer thread.
  ConsumerControl* consumer_ = nullptr;
  Stage stage_ = Stage::preparing;
  TransactionQueue queue_;
  std::shared_ptr<TransactionBatch> batch_;  // of the transaction that is open or undecided
  std::set<TopicPartition> undecided_;       // rest because a schema is not known yet
  std::vector<Watermark> offsets_;           // being committed; empty: commit() was not tried
  std::string group_metadata_;
  std::string trouble_;             // why the transaction was given up, if no record is to blame
  std::uint32_t troubles_ = 0;      // in a row
  Clock::time_point not_before_{};  // the next transaction begins
  std::vector<Watermark> moved_;
  mutable bool pressed_ = false;
  bool quiesced_ = false;
  Clock::time_point warned_{};
  SlowHandlers slow_handlers_;
  AtHandNote at_hand_;

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<TransactionBatch> visible_batch_;
  InboundStatistics counts_;
};

}  // namespace kafka_events
