// An inbound pipeline is one of two flows, by the worker's guarantee.
#include "inbound/pipeline.h"

#include <utility>

#include "inbound/flow.h"

namespace kafka_events {

Result<std::unique_ptr<InboundPipeline>> InboundPipeline::create(const config::WorkerSettings& settings,
                                                                 std::string_view topic_prefix, EventBus& bus,
                                                                 DeadLetterSink* dead_letters, Log& log,
                                                                 TransactionScope* transaction,
                                                                 const InboundParts& further) {
  const bool exactly_once = settings.qos == config::Qos::exactly_once;
  if (exactly_once && transaction == nullptr) {
    return Error(ErrorCode::invalid, "qos is exactly_once, and there is no transactional producer");
  }
  if (settings.on_failure == config::OnFailure::dead_letter && dead_letters == nullptr) {
    return Error(ErrorCode::invalid, "on_failure is dead_letter, and there is no writer of dead letters");
  }
  if (settings.max_in_flight == 0) return Error(ErrorCode::invalid, "max_in_flight must be at least 1");
  auto maker = EventMaker::create(settings, topic_prefix, further);
  if (!maker) return maker.error();
  const FlowParts parts{settings, topic_prefix, bus, dead_letters, log};
  return std::unique_ptr<InboundPipeline>(
      new InboundPipeline(exactly_once ? make_transactional_flow(parts, std::move(maker).value(), *transaction)
                                       : make_tracked_flow(parts, std::move(maker).value())));
}

InboundPipeline::InboundPipeline(std::unique_ptr<InboundFlow> flow) : flow_(std::move(flow)) {}
InboundPipeline::~InboundPipeline() = default;

void InboundPipeline::attach(ConsumerControl* consumer) { flow_->attach(consumer); }
std::chrono::milliseconds InboundPipeline::next_turn_within() const noexcept { return flow_->next_turn_within(); }
void InboundPipeline::on_assigned(std::span<const TopicPartition> partitions) { flow_->on_assigned(partitions); }
std::vector<Watermark> InboundPipeline::on_revoked(std::span<const TopicPartition> partitions,
                                                   std::chrono::steady_clock::time_point deadline) {
  return flow_->on_revoked(partitions, deadline);
}
void InboundPipeline::on_lost(std::span<const TopicPartition> partitions) { flow_->on_lost(partitions); }
void InboundPipeline::on_record(const InboundRecord& record) { flow_->on_record(record); }
std::vector<Watermark> InboundPipeline::watermarks() { return flow_->watermarks(); }
void InboundPipeline::on_turn(std::chrono::steady_clock::time_point now) { flow_->on_turn(now); }
void InboundPipeline::quiesce(bool on) { flow_->quiesce(on); }
bool InboundPipeline::is_quiet() const { return flow_->is_quiet(); }
void InboundPipeline::hand_over(WorkerHandover& to) const { flow_->hand_over(to); }
void InboundPipeline::take_over_counters(const WorkerHandover& from) { flow_->take_over_counters(from); }
void InboundPipeline::take_over(std::span<const PartitionHandover> partitions) { flow_->take_over(partitions); }
bool InboundPipeline::wants_pause() const noexcept { return flow_->wants_pause(); }
std::vector<TopicPartition> InboundPipeline::paused_partitions() const { return flow_->paused_partitions(); }
std::uint64_t InboundPipeline::in_flight() const noexcept { return flow_->in_flight(); }
AtHand InboundPipeline::at_hand() const { return flow_->at_hand(); }
InboundStatistics InboundPipeline::statistics() const { return flow_->statistics(); }

}  // namespace kafka_events
