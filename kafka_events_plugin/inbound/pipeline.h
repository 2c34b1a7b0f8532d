// Records of one worker on their way in: decoded, published as events, tracked until their handlers are done, retried,
// and given up as the settings say. Knows ports only: a consumer feeds it, a bus takes its events.
//
//   auto pipeline = InboundPipeline::create(worker, settings.topic_prefix, bus, &dead_letters, log);
//   consumer->start(*pipeline.value());
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"
#include "inbound/dead_letters.h"
#include "inbound/inbound_parts.h"
#include "inbound/statistics.h"

namespace kafka_events {

class InboundFlow;
class TransactionScope;

class InboundPipeline final : public RecordHandler {
 public:
  /// `dead_letters` may be null unless on_failure is dead_letter. Everything given must outlive the pipeline, and the
  /// consumer that feeds it must have been stopped before it is destroyed. Completions may still come after that.
  /// `transaction` is for workers with qos exactly_once, and needed by them.
  static Result<std::unique_ptr<InboundPipeline>> create(const config::WorkerSettings& settings,
                                                         std::string_view topic_prefix, EventBus& bus,
                                                         DeadLetterSink* dead_letters, Log& log,
                                                         TransactionScope* transaction = nullptr,
                                                         const InboundParts& further = {});
  ~InboundPipeline() override;

  void attach(ConsumerControl* consumer) override;
  [[nodiscard]] std::chrono::milliseconds next_turn_within() const noexcept override;
  void on_assigned(std::span<const TopicPartition> partitions) override;
  std::vector<Watermark> on_revoked(std::span<const TopicPartition> partitions,
                                    std::chrono::steady_clock::time_point deadline) override;
  void on_lost(std::span<const TopicPartition> partitions) override;
  void on_record(const InboundRecord& record) override;
  std::vector<Watermark> watermarks() override;
  void on_turn(std::chrono::steady_clock::time_point now) override;
  void quiesce(bool on) override;
  [[nodiscard]] bool is_quiet() const override;
  void hand_over(WorkerHandover& to) const override;
  void take_over_counters(const WorkerHandover& from) override;
  void take_over(std::span<const PartitionHandover> partitions) override;
  [[nodiscard]] bool wants_pause() const noexcept override;
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override;
  [[nodiscard]] std::uint64_t in_flight() const noexcept override;
  [[nodiscard]] AtHand at_hand() const override;

  [[nodiscard]] InboundStatistics statistics() const;  ///< [any thread]

 private:
  explicit InboundPipeline(std::unique_ptr<InboundFlow> flow);
  std::unique_ptr<InboundFlow> flow_;
};

}  // namespace kafka_events
