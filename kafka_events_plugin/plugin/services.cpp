#include "plugin/services.h"

#include <algorithm>
#include <utility>

#include "inbound/dead_letter_topics.h"
#include "kafka/producer_properties.h"
#include "outbound/tenant_bus.h"

namespace kafka_events {

Result<std::unique_ptr<Services>> Services::create(const config::Settings& settings, EventBus& bus, Log& log) {
  std::unique_ptr<Services> services(new Services(settings, bus, log));
  const Result<void> built = services->build();
  if (!built) return built.error();
  return services;
}

Services::~Services() { stop("the Kafka plugin was stopped"); }

Result<void> Services::build() {
  const std::string token_file = settings_.oauth_token_file.value_or("");
  if (settings_.schema_registry) {
    auto registry = SchemaRegistryClient::create(*settings_.schema_registry, log_);
    if (!registry) return registry.error().within("schema_registry");
    registry_ = std::move(registry).value();
  }
  reply_worker_ = kafka_events::reply_worker(settings_);
  if (reply_worker_) requests_ = std::make_unique<PendingRequests>(settings_.requests, bus_, log_);
  if (settings_.tenants) {
    tenants_ = std::make_unique<TenantGate>(*settings_.tenants);
    tenant_bus_ = std::make_unique<TenantBus>(bus_, *tenants_);
  }
  if (std::ranges::any_of(settings_.routes, &config::RouteSettings::single_writer)) {
    auto writer = SingleWriter::create(settings_.producer, log_, token_file);
    if (!writer) return writer.error().within("single_writer");
    writer_ = std::move(writer).value();
  }
  auto topics = TopicAdministrator::create(settings_for(settings_.producer, {}).settings, log_, token_file);
  if (!topics) return topics.error().within("topic administration");
  topics_ = std::move(topics).value();
  ensured_ = std::make_unique<EnsuredTopics>(settings_.ensure_topics, *topics_, log_);
  return {};
}

OutboundParts Services::outbound() const {
  OutboundParts parts;
  parts.codecs = {registry_.get(), settings_.cloudevents_source};
  parts.requests = requests_.get();
  parts.tenants = tenants_.get();
  parts.single_writer = writer_.get();
  parts.loop_guard = settings_.loop_guard;
  parts.reads_topic = [&workers = settings_.workers](std::string_view topic) {
    return std::ranges::any_of(workers, [&](const auto& worker) { return kafka_events::reads_topic(worker, topic); });
  };
  return parts;
}

InboundParts Services::inbound() const {
  return {{registry_.get(), settings_.cloudevents_source}, settings_.loop_guard, settings_.requests};
}

void Services::prepare(Deadline deadline) {
  if (settings_.ensure_topics.empty() || !topics_->start()) return;
  ensured_->begin();
  (void)ensured_->wait(deadline);
}

Result<void> Services::start(DeliveryListener& listener, const Handover* from) {
  if (registry_) {
    Result<void> started = registry_->start(from == nullptr ? std::vector<SchemaHandover>() : from->schemas);
    if (!started) return started.error().within("schema_registry");
  }
  if (requests_ && from != nullptr) requests_->take_over(from->requests);
  Result<void> administration = topics_->start();
  if (!administration) return administration.error().within("topic administration");
  ensured_->begin();
  return start_writers(listener);
}

Result<void> Services::start_writers(DeliveryListener& listener) {
  if (!writer_) return {};
  Result<void> started = writer_->start(listener);
  return started ? started : started.error().within("single_writer");
}

void Services::seed(const Counters& counters) {
  if (requests_) requests_->seed(counters);
}

void Services::hand_over(Handover& to) const {
  if (registry_) to.schemas = registry_->known();
  if (!requests_) return;
  to.requests = requests_->hand_over();
  const Counters counters = requests_->counters();
  to.counters.insert(to.counters.end(), counters.begin(), counters.end());
}

bool Services::stop_writers(Deadline deadline) { return !writer_ || writer_->stop(deadline); }

void Services::stop(std::string_view reason) {
  if (requests_ && !reason.empty()) requests_->give_up(reason);
  if (writer_) (void)writer_->stop(std::chrono::steady_clock::now());
  if (topics_) topics_->stop();
  if (registry_) registry_->stop();
}

std::string Services::trouble() const {
  for (const SingleWriterStatus& writer : writer_ ? writer_->status() : std::vector<SingleWriterStatus>()) {
    if (writer.state == "fenced") return "single writer of topic " + writer.topic + ": " + writer.trouble;
  }
  return ensured_->trouble();
}

}  // namespace kafka_events
