// at_most_once and at_least_once: every record for itself. Its offset follows its handlers, through a tracker that each
// assignment of a partition has for itself.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "inbound/event_maker.h"
#include "inbound/failures.h"
#include "inbound/flow.h"
#include "inbound/offset_tracker.h"
#include "inbound/slow_handlers.h"
#include "inbound/taken_over.h"

namespace kafka_events {

class TrackedFlow final : public InboundFlow {
 public:
  TrackedFlow(const FlowParts& parts, std::unique_ptr<EventMaker> maker);
  ~TrackedFlow() override;
  TrackedFlow(const TrackedFlow&) = delete;
  TrackedFlow& operator=(const TrackedFlow&) = delete;

  void on_assigned(std::span<const TopicPartition> partitions) override;
  std::vector<Watermark> on_revoked(std::span<const TopicPartition> partitions,
                                    Failures::Clock::time_point deadline) override;
  void on_lost(std::span<const TopicPartition> partitions) override;
  void on_record(const InboundRecord& record) override;
  std::vector<Watermark> watermarks() override;
  void on_turn(Failures::Clock::time_point now) override;
  void quiesce(bool on) override { quiesced_ = on; }
  // tracked_handover.cpp
  [[nodiscard]] bool is_quiet() const override;
  void hand_over(WorkerHandover& to) const override;
  void take_over_counters(const WorkerHandover& from) override;
  void take_over(std::span<const PartitionHandover> partitions) override;
  [[nodiscard]] bool wants_pause() const noexcept override;
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override;
  [[nodiscard]] std::uint64_t in_flight() const noexcept override {
    return worker_->in_flight.load(std::memory_order_relaxed);
  }
  [[nodiscard]] InboundStatistics statistics() const override;
  [[nodiscard]] AtHand at_hand() const override { return at_hand_.get(); }

 private:
  using Tracker = std::shared_ptr<OffsetTracker>;

  const Tracker& find(std::string_view topic, std::int32_t partition);
  void handle(const Tracker& tracker, const InboundRecord& record);
  bool is_taken_over(const Tracker& tracker, const InboundRecord& record);
  void go_on_waiting(const Tracker& tracker, const InboundRecord& record, const TakenOver::Retry& retry);
  void handle_kept();
  void publish(const Tracker& tracker, const InboundRecord& record, const MadeEvent& made);
  void publish_again(FailedRecord&& failed, std::uint32_t attempts);
  void pass_over(const InboundRecord& record, Passed passed);
  void not_decoded(FailedRecord&& failed, const Error& error);
  void not_decoded(const Tracker& tracker, const InboundRecord& record, const Error& error);
  void drain(std::span<const Tracker> trackers, Failures::Clock::time_point deadline) const;
  void look_for_slow_handlers(Failures::Clock::time_point now);

  const config::WorkerSettings settings_;
  EventBus& bus_;
  const std::unique_ptr<EventMaker> maker_;
  Failures failures_;
  Log& log_;
  SlowHandlers slow_handlers_;
  AtHandNote at_hand_;
  const bool at_most_once_;
  const std::shared_ptr<WorkerState> worker_ = std::make_shared<WorkerState>();

  // Consumer thread only.
  std::map<TopicPartition, Tracker> trackers_;
  Tracker last_;
  mutable bool pressed_ = false;  // as wants_pause() last said
  bool quiesced_ = false;
  /// Empty but for a moment after a handover, and while a record waits for its schema.
  std::map<TopicPartition, TakenOver> taken_over_;

  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> decode_failures_{0};
  std::atomic<std::uint64_t> own_{0};
};

}  // namespace kafka_events
