// What operators ask of the way in, handed to the parts that do it.
#include <algorithm>
#include <utility>

#include "kafka/dead_letter_reader.h"
#include "kafka/producer_properties.h"
#include "plugin/bridge.h"
#include "plugin/whole_records.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::string in_seconds(std::chrono::milliseconds time) { return std::to_string(time.count() / 1000) + " s"; }

}  // namespace

HandlerTrouble handler_trouble(const ConsumerStatus& consumer, const InboundStatistics& pipeline,
                               std::chrono::milliseconds limit) {
  if (consumer.in_handler.count() > 0) {
    return {"a handler has been blocking its thread for " + in_seconds(consumer.in_handler),
            consumer.in_handler >= limit};
  }
  if (!pipeline.oldest || !pipeline.oldest->too_old) return {};
  const OldestInFlight& oldest = *pipeline.oldest;
  const std::string record =
      oldest.partition.topic + ":" + std::to_string(oldest.partition.partition) + ":" + std::to_string(oldest.offset);
  const std::string rests = consumer.paused ? "; the worker rests, because max_in_flight is reached" : "";
  return {"handlers have not completed record " + record + " for " + in_seconds(oldest.age) + rests, consumer.paused};
}

Result<void> Bridge::build_desk() {
  const std::string token_file = settings_.oauth_token_file.value_or("");
  auto producer = Producer::create(for_whole_records(settings_for(settings_.producer, {}).settings), log_, token_file);
  if (!producer) return producer.error();
  redrive_producer_ = std::move(producer).value();
  const auto open_source = [this, token_file](const config::WorkerSettings& worker) {
    return DeadLetterReader::open(worker, log_, token_file);
  };
  const auto open_sink = [this](DeliveryListener& listener) { return redrive_producer_->start(listener); };
  const auto close_sink = [this] { redrive_producer_->stop(Clock::now() + 1s); };
  desk_ = std::make_unique<DeadLetterDesk>(
      settings_,
      DeadLetterDesk::Parts{open_source, *redrive_producer_, open_sink, close_sink, services_->inbound().codecs}, log_);
  return {};
}

Result<void> Bridge::command(const std::string& worker, ConsumerCommand command, Clock::time_point deadline,
                             admin::CommandAnswer answer) {
  const auto found = std::ranges::find(settings_.workers, worker, &config::WorkerSettings::name);
  if (found == settings_.workers.end()) return Error(ErrorCode::not_found, "there is no worker " + worker);
  // They come first, in this order.
  Consumer& consumer = *workers_[static_cast<std::size_t>(found - settings_.workers.begin())].consumer;
  return consumer.command(std::move(command), deadline,
                          [answer = std::move(answer)](const Result<std::vector<PartitionStatus>>& partitions) {
                            if (!partitions) return answer(partitions.error());
                            std::vector<admin::PartitionView> views;
                            for (const PartitionStatus& each : partitions.value()) views.push_back(view_of(each));
                            answer(std::move(views));
                          });
}

Result<void> Bridge::list_dead_letters(DeadLetterQuery query, Clock::time_point deadline, admin::ListAnswer answer) {
  return desk_->list(std::move(query), deadline, std::move(answer));
}

Result<void> Bridge::redrive(RedriveRequest request, Clock::time_point answer_by, admin::RedriveAnswer answer) {
  return desk_->redrive(std::move(request), answer_by, std::move(answer));
}

std::vector<std::string> Bridge::worker_names() const {
  std::vector<std::string> names;
  for (const config::WorkerSettings& worker : settings_.workers) names.push_back(worker.name);
  return names;
}

}  // namespace kafka_events
