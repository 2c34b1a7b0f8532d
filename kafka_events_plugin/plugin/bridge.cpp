// Building, starting and stopping the parts, in the order in which data needs them.
#include "plugin/bridge.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <unistd.h>
#include <utility>

#include "kafka/producer_properties.h"
#include "plugin/reply_route.h"
#include "plugin/whole_records.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::string_view component = "plugin";
constexpr std::string_view closed_reason = "the Kafka plugin is stopped";
/// For clients to end once nothing is in flight any more, whatever the drain's deadline was.
constexpr std::chrono::milliseconds client_end = 1000ms;
/// For topics.ensure, before anybody else can make these topics with the broker's defaults.
constexpr auto topics_time = 5s;

/// One that is the same after a restart, so that the transaction which a crash left open ends at once and not at its
/// timeout. On one host only one process has an outbox; without one nothing tells instances apart but the process.
std::string transactional_id_of(const config::Settings& settings, const config::WorkerSettings& worker) {
  if (!worker.transactional_id.empty()) return worker.transactional_id;
  const std::string& chosen = settings.producer.transactional_id;
  if (!chosen.empty()) return chosen + "-" + worker.name;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host.front() = 0;
  const std::string own = settings.outbox.mode == config::OutboxMode::off
                              ? std::to_string(getpid())
                              : std::to_string(std::hash<std::string>{}(settings.outbox.path));
  return "kafka_events-" + worker.group + "-" + worker.name + "-" + host.data() + "-" + own;
}

/// What the other version hands over of a worker; null: it had none of this name.
const WorkerHandover* find(const Handover& from, const std::string& worker) {
  const auto found = std::ranges::find(from.workers, worker, &WorkerHandover::worker);
  return found == from.workers.end() ? nullptr : &*found;
}

/// The producer of an exactly_once worker.
ProducerHandover producer_of(const WorkerHandover& worker) {
  ProducerHandover producer;
  producer.name = "worker." + worker.worker + ".transactions";
  producer.deposited = producer.connected = worker.producer_deposited;
  producer.topics = worker.producer_topics;
  return producer;
}

}  // namespace

Result<std::unique_ptr<Bridge>> Bridge::create(config::Settings settings, EventBus& bus, Log& log) {
  std::unique_ptr<Bridge> bridge(new Bridge(with_reply_route(std::move(settings)), bus, log));
  const Result<void> built = bridge->build();
  if (!built) return built.error();
  return bridge;
}

Bridge::~Bridge() {
  if (running_) (void)stop(Clock::now() + 1s);
  unsubscribe();
}

Result<void> Bridge::build() {
  auto services = Services::create(settings_, bus_, log_);
  if (!services) return services.error();
  services_ = std::move(services).value();
  auto senders = Senders::create(settings_, services_->sender_bus(), log_);
  if (!senders) return senders.error();
  senders_ = std::move(senders).value();
  auto outbound = OutboundPipeline::create(settings_.routes, settings_.topic_prefix, bus_,
                                           senders_->sinks(&open_transactions_), log_, services_->outbound());
  if (!outbound) return outbound.error();
  outbound_ = std::move(outbound).value();
  Result<void> dead_letters = build_dead_letters();
  if (!dead_letters) return dead_letters;
  for (const config::WorkerSettings& worker : settings_.workers) {
    const Result<void> built = build_worker(worker);
    if (!built) return built.error().within("worker " + worker.name);
  }
  const Result<void> replies = build_replies();
  if (!replies) return replies.error().within("answers to requests");
  return build_desk();
}

Result<void> Bridge::build_dead_letters() {
  const bool needed = std::any_of(settings_.workers.begin(), settings_.workers.end(), [](const auto& worker) {
    return worker.on_failure == config::OnFailure::dead_letter;
  });
  if (!needed) return {};
  auto producer = Producer::create(for_whole_records(settings_for(settings_.producer, {}).settings), log_,
                                   settings_.oauth_token_file.value_or(""));
  if (!producer) return producer.error();
  dead_letter_producer_ = std::move(producer).value();
  auto writer = DeadLetterWriter::create(
      bus_, *dead_letter_producer_,
      [this](DeliveryListener& listener) { return dead_letter_producer_->start(listener); }, log_, &open_transactions_);
  if (!writer) return writer.error();
  dead_letters_ = std::move(writer).value();
  return {};
}

Result<void> Bridge::build_worker(const config::WorkerSettings& settings) {
  Worker worker;
  if (settings.qos == config::Qos::exactly_once) {
    Result<void> built = build_transactions(settings, worker);
    if (!built) return built;
  }
  auto pipeline = InboundPipeline::create(settings, settings_.topic_prefix, bus_, dead_letters_.get(), log_,
                                          worker.scope.get(), services_->inbound());
  if (!pipeline) return pipeline.error();
  worker.pipeline = std::move(pipeline).value();
  worker.handler = worker.pipeline.get();
  return add_consumer(std::move(worker), settings);
}

Result<void> Bridge::build_replies() {
  const std::optional<config::WorkerSettings>& settings = services_->reply_worker();
  if (!settings) return {};
  Worker worker;
  worker.handler = services_->reply_reader();
  return add_consumer(std::move(worker), *settings);
}

Result<void> Bridge::add_consumer(Worker&& worker, const config::WorkerSettings& settings) {
  auto consumer = Consumer::create(settings, log_, settings_.oauth_token_file.value_or(""));
  if (!consumer) return consumer.error();
  worker.consumer = std::move(consumer).value();
  worker.slow_handler = settings.slow_handler;
  workers_.push_back(std::move(worker));
  return {};
}

Result<void> Bridge::build_transactions(const config::WorkerSettings& settings, Worker& worker) {
  const ProducerRole role{config::Qos::exactly_once, false, transactional_id_of(settings_, settings)};
  auto made = TransactionalProducer::create(settings_for(settings_.producer, role).settings, log_,
                                            settings_.oauth_token_file.value_or(""));
  if (!made) return made.error();
  worker.transactions = std::move(made).value();
  worker.scope = std::make_unique<TransactionScope>(*worker.transactions, bus_, *outbound_);
  open_transactions_.add(*worker.scope);
  return {};
}

Result<void> Bridge::start() {
  services_->prepare(Clock::now() + topics_time);
  Result<void> started = start_parts(nullptr, nullptr);
  if (started) {
    desk_->open();
  } else {
    (void)stop(Clock::now() + 1s);
  }
  running_ = started.ok();
  return started;
}

Result<void> Bridge::start_parts(const Handover* from, Deposits* deposits) {
  Result<void> result = services_->start(*outbound_, from);
  if (!result) return result;
  result = senders_->start(*outbound_, from == nullptr ? nullptr : &from->senders, deposits);
  if (!result) return result;
  outbound_->open();
  if (!subscribed_) result = outbound_->subscribe();
  if (!result) return result.error().within("outbound");
  subscribed_ = true;
  if (dead_letters_) result = dead_letters_->start();
  if (!result) return result.error().within("dead letters");
  for (const Worker& worker : workers_) {
    result = start_worker(worker, from == nullptr ? nullptr : find(*from, worker.consumer->status().worker), deposits);
    if (!result) return result.error().within("worker " + worker.consumer->status().worker);
  }
  watch_workers();
  return {};
}

Result<void> Bridge::start_worker(const Worker& worker, const WorkerHandover* from, Deposits* deposits) {
  if (worker.transactions) {
    const auto producer = from == nullptr ? std::nullopt : std::optional(producer_of(*from));
    Result<void> started = worker.transactions->start(*worker.scope, producer ? &*producer : nullptr, deposits);
    if (!started) return started;
  }
  return worker.consumer->start(*worker.handler, from, deposits);
}

void Bridge::watch_workers() {
  std::vector<Consumer*> watched;
  for (const Worker& worker : workers_) watched.push_back(worker.consumer.get());
  watchdog_.start(std::move(watched));
}

Result<admin::StopCounts> Bridge::stop(Clock::time_point deadline) {
  running_ = false;
  desk_->close();
  const Clock::time_point now = Clock::now();
  // Most of the time goes to the consumers' handlers; what they caused needs the rest to leave.
  const bool consumers_in_time = stop_consumers(now + (deadline - now) * 6 / 10);
  watchdog_.stop();
  outbound_->close(closed_reason);
  stop_dead_letters(deadline);
  const bool writers_in_time = services_->stop_writers(deadline);
  const Senders::End end = senders_->stop(deadline);
  services_->stop(closed_reason);
  const admin::StopCounts counts{end.delivered, end.undelivered, end.kept,
                                 end.in_time && consumers_in_time && writers_in_time};
  const std::string delivered = std::to_string(counts.delivered);
  const std::string undelivered = std::to_string(counts.undelivered);
  const std::string kept = std::to_string(counts.kept);
  const std::array fields{LogField{"kafka_events.delivered", delivered},
                          LogField{"kafka_events.undelivered", undelivered},
                          LogField{"kafka_events.kept_in_outbox", kept}};
  log_.write(LogLevel::info, component, "drained", fields);
  return counts;
}

bool Bridge::stop_consumers(Clock::time_point deadline) {
  for (const Worker& worker : workers_) worker.consumer->begin_stop(deadline);
  bool in_time = true;
  for (const Worker& worker : workers_) {
    in_time = worker.consumer->stop(deadline) && in_time;
    if (worker.transactions) worker.transactions->stop(std::max(deadline, Clock::now() + client_end));
  }
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
