// Starting the ways out, anew or with what another version has left.
#include <algorithm>
#include <utility>

#include "kafka/producer_properties.h"
#include "plugin/senders.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds client_end{1};

OutboxOptions options_of(const config::OutboxSettings& outbox) {
  const auto fsync = outbox.fsync == config::FsyncKind::each  ? FsyncPolicy::each
                     : outbox.fsync == config::FsyncKind::off ? FsyncPolicy::off
                                                              : FsyncPolicy::group;
  return {.path = outbox.path, .max_bytes = outbox.max_bytes, .fsync = fsync, .group_interval = outbox.group_interval};
}

const ProducerHandover* find(const std::vector<ProducerHandover>& producers, std::string_view name) {
  const auto found = std::ranges::find(producers, name, &ProducerHandover::name);
  return found == producers.end() ? nullptr : &*found;
}

bool has_deposit(const SendersHandover& from, std::string_view name) {
  const ProducerHandover* producer = find(from.producers, name);
  return producer != nullptr && producer->deposited;
}

/// Positions mean nothing without the producer that they were given to, which belongs to one directory.
OutboxHandover counters_only(const OutboxHandover& from) {
  OutboxHandover state;
  state.counters = from.counters;
  return state;
}

}  // namespace

Result<void> Senders::open_store(bool closed_in_order) {
  OutboxOptions options = options_of(settings_.outbox);
  options.closed_in_order = closed_in_order;
  auto opened = OutboxStore::open(options, log_);
  if (!opened) return opened.error();
  const std::lock_guard lock(mutex_);
  store_ = std::move(opened).value();
  return {};
}

Result<void> Senders::start(DeliveryListener& listener, const SendersHandover* from, Deposits* deposits) {
  listener_ = &listener;
  const bool same_outbox =
      from != nullptr && ((outbox_ && has_deposit(*from, at_least_once_name)) || has_deposit(*from, exactly_once_name));
  Result<void> opened = has_outbox() ? open_store(same_outbox) : Result<void>();
  if (!opened) return opened;
  Result<void> started = start_parts(listener, from == nullptr ? SendersHandover() : *from, deposits);
  if (started) return started;
  if (deposits != nullptr) give_back(*deposits);
  (void)stop(Clock::now() + client_end);
  return started;
}

Result<void> Senders::start_parts(DeliveryListener& listener, const SendersHandover& from, Deposits* deposits) {
  if (at_most_once_) {
    Result<void> started =
        at_most_once_->start(listener, OnLoss::report, find(from.producers, at_most_once_name), deposits);
    if (!started) return started.error().within(at_most_once_name);
  }
  if (at_least_once_) {
    Result<void> started = start_at_least_once(listener, from, deposits);
    if (!started) return started.error().within(at_least_once_name);
  }
  if (!transactional_outbox_) return {};
  Result<void> started = start_transactions(listener, from, deposits);
  if (!started) return started.error().within(exactly_once_name);
  return started;
}

Result<void> Senders::start_at_least_once(DeliveryListener& listener, const SendersHandover& from, Deposits* deposits) {
  const ProducerHandover* producer = find(from.producers, at_least_once_name);
  if (!outbox_) return at_least_once_->start(listener, OnLoss::replay, producer, deposits);
  const bool expects_client = has_deposit(from, at_least_once_name);
  const OutboxHandover state = expects_client ? from.at_least_once : counters_only(from.at_least_once);
  outbox_->start(*store_, listener, &state);
  Result<void> started = at_least_once_->start(*outbox_, OnLoss::report, producer, deposits);
  if (started && (!expects_client || at_least_once_->has_taken_over())) return started;
  outbox_->stop_relaying();
  (void)outbox_->finish();
  // What was in flight is gone with its client, but not from the outbox.
  if (started) outbox_->start(*store_, listener);
  return started;
}

/// The transactional id belongs to the outbox: whoever has its entries is the one who publishes them.
Result<void> Senders::start_transactions(DeliveryListener& listener, const SendersHandover& from, Deposits* deposits) {
  ProducerRole role = role_of(settings_, config::Qos::exactly_once);
  const std::string& chosen = settings_.producer.transactional_id;
  role.transactional_id = chosen.empty() ? "kafka_events-" + store_->id() : chosen;
  auto made = TransactionalProducer::create(settings_for(settings_.producer, role).settings, log_,
                                            settings_.oauth_token_file.value_or(""), transactions_of());
  if (!made) return made.error();
  {
    const std::lock_guard lock(mutex_);
    transactions_ = std::move(made).value();
  }
  const ProducerHandover* producer = find(from.producers, exactly_once_name);
  Result<void> started = transactions_->start(*transactional_outbox_, producer, deposits);
  if (!started) {
    const std::lock_guard lock(mutex_);
    transactions_.reset();
    return started;
  }
  const bool has_client = has_deposit(from, exactly_once_name);
  const OutboxHandover state = has_client ? from.exactly_once : counters_only(from.exactly_once);
  // The group belongs to the outbox also where the operator has chosen the transactional id.
  transactional_outbox_->start({*store_, *transactions_, "kafka_events-outbox-" + store_->id()}, listener, &state);
  return {};
}

}  // namespace kafka_events
