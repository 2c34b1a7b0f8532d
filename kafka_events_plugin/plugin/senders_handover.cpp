// How the ways out change hands between two versions of this module.
#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "kafka/producer_properties.h"
#include "plugin/senders.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto give_back_time = 5s;
constexpr auto acknowledge_time = 2s;

}  // namespace

std::string Senders::outbox_name() const { return "outbox " + settings_.outbox.path; }

/// What the transactional id follows from: the outbox has its id within.
std::string Senders::transactions_of() const {
  return outbox_name() + "\ntransactional id " + settings_.producer.transactional_id;
}

ClientKey Senders::transactions_key() const {
  ProducerRole role = role_of(settings_, config::Qos::exactly_once);
  role.transactional_id = "any";
  return TransactionalProducer::key_of(std::string(exactly_once_name), settings_for(settings_.producer, role).settings,
                                       settings_.oauth_token_file.value_or(""), transactions_of());
}

ClientKeys Senders::clients() const {
  ClientKeys keys;
  if (at_least_once_) keys.push_back(at_least_once_->key(std::string(at_least_once_name)));
  if (at_most_once_) keys.push_back(at_most_once_->key(std::string(at_most_once_name)));
  if (transactions_) {
    keys.push_back(transactions_->key(std::string(exactly_once_name)));
  } else if (transactional_outbox_) {
    keys.push_back(transactions_key());
  }
  std::erase_if(keys, [](const ClientKey& key) { return key.digest.empty(); });
  return keys;
}

void Senders::prepare(const ClientKeys& other) {
  if (at_least_once_ && !has(other, at_least_once_->key(std::string(at_least_once_name)))) at_least_once_->prepare();
  if (at_most_once_ && !has(other, at_most_once_->key(std::string(at_most_once_name)))) at_most_once_->prepare();
}

Result<SendersHandover> Senders::suspend(const SuspendRequest& request, Deposits& deposits) {
  SendersHandover to;
  Undo undo;
  const Result<void> done = suspend_parts(request, deposits, to, undo);
  if (!done) {
    for (auto step = undo.rbegin(); step != undo.rend(); ++step) (*step)();
    return done.error();
  }
  close_store();
  return to;
}

Result<void> Senders::suspend_parts(const SuspendRequest& request, Deposits& deposits, SendersHandover& to,
                                    Undo& undo) {
  Result<void> done = suspend_transactions(request, deposits, to, undo);
  if (done) done = suspend_at_most_once(request, deposits, to, undo);
  if (done) done = suspend_at_least_once(request, deposits, to, undo);
  if (done && transactions_) to.exactly_once = transactional_outbox_->suspend();
  return done;
}

Result<void> Senders::suspend_transactions(const SuspendRequest& request, Deposits& deposits, SendersHandover& to,
                                           Undo& undo) {
  if (!transactions_) return {};
  Result<void> paused = transactional_outbox_->pause(request.deadline);
  if (!paused) return paused.error().within("outbox.exactly_once");
  undo.emplace_back([this] { transactional_outbox_->resume(); });
  auto handed = transactions_->suspend(std::string(exactly_once_name), request, deposits);
  if (!handed) return handed.error();
  to.producers.push_back(handed.value());
  undo.emplace_back([this, from = handed.value(), &deposits] {
    const Result<void> started = transactions_->start(*transactional_outbox_, &from, &deposits);
    if (!started) log_.write(LogLevel::error, "plugin", "cannot go on: " + started.error().message);
  });
  return {};
}

Result<void> Senders::suspend_at_most_once(const SuspendRequest& request, Deposits& deposits, SendersHandover& to,
                                           Undo& undo) {
  if (!at_most_once_ || !at_most_once_->running()) return {};
  auto handed = at_most_once_->suspend(std::string(at_most_once_name), request, deposits);
  if (!handed) return handed.error();
  to.producers.push_back(handed.value());
  undo.emplace_back([this, from = handed.value(), &deposits] {
    restart(*at_most_once_, *listener_, OnLoss::report, from, deposits);
  });
  return {};
}

Result<void> Senders::suspend_at_least_once(const SuspendRequest& request, Deposits& deposits, SendersHandover& to,
                                            Undo& undo) {
  if (!at_least_once_ || !at_least_once_->running()) return {};
  const std::string name(at_least_once_name);
  if (outbox_) {
    Result<void> paused = outbox_->pause(request.deadline);
    if (!paused) return paused;
    undo.emplace_back([this] { outbox_->resume(); });
    // Without a broker there is nothing to wait for: the outbox takes it, as at any stop.
    const bool goes_on = has(request.other, at_least_once_->key(name));
    if (!goes_on && !at_least_once_->connected()) at_least_once_->flush(Clock::now());
  }
  auto handed = at_least_once_->suspend(name, request, deposits);
  if (!handed) return handed.error();
  to.producers.push_back(handed.value());
  undo.emplace_back([this, from = handed.value(), &deposits] {
    DeliveryListener& listener = outbox_ ? static_cast<DeliveryListener&>(*outbox_) : *listener_;
    restart(*at_least_once_, listener, outbox_ ? OnLoss::report : OnLoss::replay, from, deposits);
  });
  if (!outbox_) return {};
  auto outbox = outbox_->suspend(handed.value().deposited);
  if (!outbox) return outbox.error();
  to.at_least_once = std::move(outbox).value();
  return {};
}

void Senders::restart(Producer& producer, DeliveryListener& listener, OnLoss on_loss, const ProducerHandover& from,
                      Deposits& deposits) {
  const Result<void> started = producer.start(listener, on_loss, &from, &deposits);
  if (!started) log_.write(LogLevel::error, "plugin", from.name + " cannot go on: " + started.error().message);
}

/// Its lock is free when this returns.
void Senders::close_store() {
  std::shared_ptr<TransactionalProducer> transactions;
  std::shared_ptr<OutboxStore> store;
  const std::lock_guard lock(mutex_);
  transactions.swap(transactions_);
  store.swap(store_);
}

void Senders::give_back(Deposits& deposits) {
  const auto now = Clock::now();
  const ClientKeys own = clients();
  if (outbox_ && at_least_once_->running() && outbox_->pause(now + acknowledge_time)) {
    while (at_least_once_->in_flight() > 0 && Clock::now() < now + acknowledge_time) std::this_thread::sleep_for(1ms);
    outbox_->resume();
  }
  if (suspend({now + give_back_time, own}, deposits)) return;
  (void)stop(now + give_back_time);
}

}  // namespace kafka_events
