// Building, starting and stopping the parts, in the order in which data needs them.
#include "plugin/bridge.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view component = "plugin";
constexpr std::string_view closed_reason = "the Kafka plugin is stopped";
/// For clients to end once nothing is in flight any more, whatever the drain's deadline was.
constexpr std::chrono::milliseconds client_end = 1000ms;

}  // namespace

Result<std::unique_ptr<Bridge>> Bridge::create(config::Settings settings, EventBus& bus, Log& log) {
  std::unique_ptr<Bridge> bridge(new Bridge(std::move(settings), bus, log));
  const Result<void> built = bridge->build();
  if (!built) return built.error();
  return bridge;
}

Bridge::~Bridge() {
  if (running_) (void)stop(Clock::now() + 1s);
  unsubscribe();
}

Result<void> Bridge::build() {
  auto producer = Producer::create(settings_.producer, log_, settings_.oauth_token_file.value_or(""));
  if (!producer) return producer.error();
  producer_ = std::move(producer).value();
  auto outbound = OutboundPipeline::create(settings_.routes, settings_.topic_prefix, bus_, *producer_, log_);
  if (!outbound) return outbound.error();
  outbound_ = std::move(outbound).value();
  Result<void> dead_letters = build_dead_letters();
  if (!dead_letters) return dead_letters;
  for (const config::WorkerSettings& worker : settings_.workers) {
    const Result<void> built = build_worker(worker);
    if (!built) return built.error().within("worker " + worker.name);
  }
  return {};
}

Result<void> Bridge::build_dead_letters() {
  const bool needed = std::any_of(settings_.workers.begin(), settings_.workers.end(), [](const auto& worker) {
    return worker.on_failure == config::OnFailure::dead_letter;
  });
  if (!needed) return {};
  auto producer = Producer::create(settings_.producer, log_, settings_.oauth_token_file.value_or(""));
  if (!producer) return producer.error();
  dead_letter_producer_ = std::move(producer).value();
  auto writer = DeadLetterWriter::create(
      bus_, *dead_letter_producer_,
      [this](DeliveryListener& listener) { return dead_letter_producer_->start(listener); }, log_);
  if (!writer) return writer.error();
  dead_letters_ = std::move(writer).value();
  return {};
}

Result<void> Bridge::build_worker(const config::WorkerSettings& settings) {
  auto pipeline = InboundPipeline::create(settings, settings_.topic_prefix, bus_, dead_letters_.get(), log_);
  if (!pipeline) return pipeline.error();
  auto consumer = Consumer::create(settings, log_, settings_.oauth_token_file.value_or(""));
  if (!consumer) return consumer.error();
  workers_.push_back({std::move(pipeline).value(), std::move(consumer).value()});
  return {};
}

Result<void> Bridge::start() {
  Result<void> started = start_parts();
  if (!started) (void)stop(Clock::now() + 1s);
  running_ = started.ok();
  return started;
}

Result<void> Bridge::start_parts() {
  Result<void> result = producer_->start(*outbound_);
  if (!result) return result.error().within("producer");
  outbound_->open();
  if (!subscribed_) result = outbound_->subscribe();
  if (!result) return result.error().within("outbound");
  subscribed_ = true;
  if (dead_letters_) result = dead_letters_->start();
  if (!result) return result.error().within("dead letters");
  for (const Worker& worker : workers_) {
    result = worker.consumer->start(*worker.pipeline);
    if (!result) return result.error().within("worker " + worker.consumer->status().worker);
  }
  return {};
}

Result<admin::StopCounts> Bridge::stop(Clock::time_point deadline) {
  running_ = false;
  const ProducerStatus before = producer_->status();
  const Clock::time_point now = Clock::now();
  // Most of the time goes to the consumers' handlers; what they caused needs the rest to leave.
  bool in_time = stop_consumers(now + (deadline - now) * 6 / 10);
  outbound_->close(closed_reason);
  stop_dead_letters(deadline);
  in_time = producer_->flush(deadline).everything_reported && in_time;
  producer_->stop(std::max(deadline, Clock::now() + client_end));
  const ProducerStatus after = producer_->status();
  const admin::StopCounts counts{after.delivered - before.delivered, after.failed - before.failed, in_time};
  const std::string delivered = std::to_string(counts.delivered);
  const std::string undelivered = std::to_string(counts.undelivered);
  log_.write(
      LogLevel::info, component, "drained",
      std::array{LogField{"kafka_events.delivered", delivered}, LogField{"kafka_events.undelivered", undelivered}});
  return counts;
}

bool Bridge::stop_consumers(Clock::time_point deadline) {
  for (const Worker& worker : workers_) worker.consumer->begin_stop(deadline);
  bool in_time = true;
  for (const Worker& worker : workers_) in_time = worker.consumer->stop(deadline) && in_time;
  return in_time;
}

void Bridge::stop_dead_letters(Clock::time_point deadline) {
  if (!dead_letters_) return;
  dead_letters_->stop();
  if (!dead_letters_->sink_opened()) return;
  dead_letter_producer_->flush(deadline);
  dead_letter_producer_->stop(std::max(deadline, Clock::now() + client_end));
}

void Bridge::unsubscribe() {
  if (outbound_) outbound_->unsubscribe();
  subscribed_ = false;
}

}  // namespace kafka_events
