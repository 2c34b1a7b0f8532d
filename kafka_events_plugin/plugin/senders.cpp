// Building and stopping the ways out, and what they look like; senders_start.cpp starts them, senders_handover.cpp hands them over.
#include "plugin/senders.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "kafka/producer_properties.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// For clients to end once nothing is in flight any more, whatever the drain's deadline was.
constexpr auto client_end = 1000ms;
/// Of a drain, for the outbox to take what the producer gives back.
constexpr auto take_back_time = 500ms;
constexpr auto look_again = 5ms;

}  // namespace

ProducerRole Senders::role_of(const config::Settings& settings, config::Qos qos) {
  return {.qos = qos, .with_outbox = settings.outbox.mode != config::OutboxMode::off, .transactional_id = {}};
}

std::vector<config::Problem> Senders::check(const config::Settings& settings) {
  std::vector<config::Problem> problems;
  for (const config::Qos qos : {config::Qos::at_most_once, config::Qos::at_least_once, config::Qos::exactly_once}) {
    const auto asks = [&](const auto& each) { return each.qos == qos; };
    const bool worker = qos == config::Qos::exactly_once && std::ranges::any_of(settings.workers, asks);
    if (!worker && std::ranges::none_of(settings.routes, asks)) continue;
    for (config::Problem& problem : settings_for(settings.producer, role_of(settings, qos)).problems) {
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

Result<std::unique_ptr<Senders>> Senders::create(const config::Settings& settings, EventBus& bus, Log& log) {
  std::unique_ptr<Senders> senders(new Senders(settings, bus, log));
  const Result<void> built = senders->build();
  if (!built) return built.error();
  return senders;
}

Senders::~Senders() { (void)stop(Clock::now()); }

bool Senders::has_route(config::Qos qos) const {
  return std::ranges::any_of(settings_.routes, [&](const auto& route) { return route.qos == qos; });
}

Result<void> Senders::build() {
  const std::string token_file = settings_.oauth_token_file.value_or("");
  const auto make = [&](config::Qos qos, const std::string& bound_to) {
    return Producer::create(settings_for(settings_.producer, role_of(settings_, qos)).settings, log_, token_file,
                            bound_to);
  };
  if (has_route(config::Qos::at_most_once)) {
    auto producer = make(config::Qos::at_most_once, {});
    if (!producer) return producer.error();
    at_most_once_ = std::move(producer).value();
  }
  if (has_route(config::Qos::exactly_once)) {
    transactional_outbox_ = std::make_unique<TransactionalOutbox>(
        TransactionalOutbox::Options{.max_record_bytes = settings_.producer.max_record_bytes}, bus_, log_);
  }
  // Also with no route at all: then it is what tells whether Kafka is there.
  if (!has_route(config::Qos::at_least_once) && (at_most_once_ || transactional_outbox_)) return {};
  auto producer = make(config::Qos::at_least_once, outbox_on() ? outbox_name() : std::string());
  if (!producer) return producer.error();
  at_least_once_ = std::move(producer).value();
  if (!outbox_on()) return {};
  Producer& kafka = *at_least_once_;
  const OutboxTarget target{kafka, [&kafka] { return kafka.connected(); }, [&kafka] { return kafka.in_flight(); },
                            [&kafka] { kafka.renew(); }, settings_.producer.max_record_bytes};
  const auto mode =
      settings_.outbox.mode == config::OutboxMode::always ? Outbox::Mode::always : Outbox::Mode::when_needed;
  outbox_ = std::make_unique<Outbox>(mode, target, bus_, log_);
  return {};
}

RouteSinks Senders::sinks(TransactionScopes* scopes) const {
  RecordSink* at_least_once = outbox_ ? static_cast<RecordSink*>(outbox_.get()) : at_least_once_.get();
  return {at_most_once_.get(), at_least_once, transactional_outbox_.get(), scopes};
}

Senders::End Senders::stop(Deadline deadline) {
  const End before = totals();
  const bool outbox_runs = store_ != nullptr;
  const auto now = Clock::now();
  const auto send_until =
      outbox_runs ? deadline - std::min<Clock::duration>(take_back_time, (deadline - now) / 4) : deadline;
  End end;
  if (outbox_runs) wait_until_sent(send_until);
  if (outbox_) outbox_->stop_relaying();
  if (at_most_once_) end.in_time = at_most_once_->flush(deadline).everything_reported;
  if (at_least_once_) {
    // Without a broker there is nothing to wait for if the outbox takes it.
    const bool hopeless = outbox_ && !at_least_once_->connected();
    end.in_time = at_least_once_->flush(hopeless ? Clock::now() : send_until).everything_reported && end.in_time;
  }
  if (transactional_outbox_) end.kept += transactional_outbox_->stop(deadline);
  const auto end_by = std::max(deadline, Clock::now() + client_end);
  for (Producer* producer : {at_most_once_.get(), at_least_once_.get()}) {
    if (producer != nullptr) producer->stop(end_by);
  }
  if (outbox_) end.kept += outbox_->finish();
  std::shared_ptr<TransactionalProducer> transactions;
  std::shared_ptr<OutboxStore> store;
  const End after = totals();
  {
    const std::lock_guard lock(mutex_);
    transactions.swap(transactions_);
    store.swap(store_);
  }
  if (transactions) transactions->stop(end_by);
  end.delivered = after.delivered - before.delivered;
  end.undelivered = after.undelivered - before.undelivered;
  return end;
}

/// As long as somebody takes entries.
void Senders::wait_until_sent(Deadline deadline) const {
  while (waiting() > 0 && Clock::now() < deadline && connected() && !fenced()) std::this_thread::sleep_for(look_again);
}

std::uint64_t Senders::waiting() const {
  std::uint64_t waiting = 0;
  if (outbox_) waiting += outbox_->status().waiting;
  if (transactional_outbox_) waiting += transactional_outbox_->status().waiting;
  return waiting;
}

Senders::End Senders::totals() const {
  End totals;
  for (const Producer* producer : {at_most_once_.get(), at_least_once_.get()}) {
    if (producer == nullptr) continue;
    const ProducerStatus status = producer->status();
    totals.delivered += status.delivered;
    totals.undelivered += status.failed;
  }
  // What the outbox took back is not undelivered yet.
  if (outbox_) totals.undelivered -= std::min(totals.undelivered, outbox_->status().taken_back);
  if (transactional_outbox_) totals.delivered += transactional_outbox_->status().published;
  return totals;
}

bool Senders::connected() const {
  for (const Producer* producer : {at_most_once_.get(), at_least_once_.get()}) {
    if (producer != nullptr && !producer->connected()) return false;
  }
  if (!transactional_outbox_) return true;
  const std::lock_guard lock(mutex_);
  return transactions_ != nullptr && transactions_->connected();
}

bool Senders::fenced() const { return transactional_outbox_ && transactional_outbox_->fenced(); }

std::vector<Senders::NamedStatus> Senders::producers() const {
  std::vector<NamedStatus> result;
  if (at_least_once_) result.push_back({std::string(at_least_once_name), at_least_once_->status()});
  if (at_most_once_) result.push_back({std::string(at_most_once_name), at_most_once_->status()});
  if (!transactional_outbox_) return result;
  const std::lock_guard lock(mutex_);
  result.push_back({std::string(exactly_once_name), transactions_ ? transactions_->status() : ProducerStatus{}});
  return result;
}

Senders::OutboxStatus Senders::outbox_status() const {
  OutboxStatus status;
  status.mode = settings_.outbox.mode == config::OutboxMode::always ? "always" : "when_needed";
  status.transactional = transactional_outbox_ != nullptr;
  if (outbox_) status.at_least_once = outbox_->status();
  if (transactional_outbox_) status.exactly_once = transactional_outbox_->status();
  const std::lock_guard lock(mutex_);
  if (store_) status.figures = store_->figures();
  return status;
}

}  // namespace kafka_events
