// From one version of the module to the next: what is quiesced, given up and taken over, in the order in which data
// needs it. Way in first: what its last records cause still leaves by this version.
#include <algorithm>
#include <utility>

#include "plugin/bridge.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view stopped_reason = "the Kafka plugin is stopped";
/// For topics.ensure, while the other version is still at work.
constexpr auto topics_time = 5s;

std::string transactions_of(const std::string& worker) { return "worker." + worker + ".transactions"; }

}  // namespace

ClientKeys Bridge::clients() const {
  ClientKeys keys = senders_->clients();
  for (const Worker& worker : workers_) {
    keys.push_back(worker.consumer->key());
    if (worker.transactions)
      keys.push_back(worker.transactions->key(transactions_of(worker.consumer->status().worker)));
  }
  std::erase_if(keys, [](const ClientKey& key) { return key.digest.empty(); });
  return keys;
}

Result<void> Bridge::prepare(const ClientKeys& other) {
  services_->prepare(Clock::now() + topics_time);
  senders_->prepare(other);
  for (const Worker& worker : workers_) {
    if (has(other, worker.consumer->key())) continue;
    Result<void> prepared = worker.consumer->prepare();
    if (!prepared) return prepared.error().within("worker " + worker.consumer->status().worker);
  }
  return {};
}

Result<void> Bridge::quiesce(Clock::time_point deadline) {
  if (!running_) return {};
  if (const auto redrive = desk_->last_redrive(); redrive && redrive->running) {
    return Error(ErrorCode::busy,
                 "dead letters of worker " + redrive->worker + " are being redriven; wait for the end");
  }
  for (const Worker& worker : workers_) worker.consumer->begin_quiesce(deadline);
  Result<void> first;
  for (const Worker& worker : workers_) {
    Result<void> quiesced = worker.consumer->quiesce(deadline);
    if (first && !quiesced) first = quiesced.error().within("worker " + worker.consumer->status().worker);
  }
  if (!first) resume();
  return first;
}

void Bridge::resume() {
  if (!running_) return;
  for (const Worker& worker : workers_) worker.consumer->resume();
  desk_->open();
}

Result<WorkerHandover> Bridge::suspend_worker(const Worker& worker, const SuspendRequest& request, Deposits& deposits) {
  Result<WorkerHandover> suspended = worker.consumer->suspend(request, deposits);
  if (!suspended || !worker.transactions) return suspended;
  WorkerHandover& from = suspended.value();
  auto producer = worker.transactions->suspend(transactions_of(from.worker), request, deposits);
  if (!producer) {
    // Quiesced again, as it was found.
    Result<void> back = worker.consumer->start(*worker.handler, &from, &deposits);
    if (back) back = quiesce_again(worker, request);
    return back ? producer.error() : back.error();
  }
  from.producer_deposited = producer.value().deposited;
  from.producer_topics = std::move(producer.value().topics);
  return suspended;
}

Result<Handover> Bridge::suspend(const SuspendRequest& request, Deposits& deposits) {
  Handover handover;
  handover.counters = outbound_->counters();
  handover.running = running_;
  Result<void> outcome;
  if (running_) {
    watchdog_.stop();
    outcome = suspend_parts(handover, request, deposits);
  }
  if (!outcome) {
    // As it was found: quiesced; to resume is the caller's to ask.
    watch_workers();
    return outcome.error();
  }
  services_->hand_over(handover);
  if (running_) {
    stop_dead_letters(request.deadline);
    services_->stop({});
  }
  unsubscribe();
  running_ = false;
  return handover;
}

Result<void> Bridge::suspend_parts(Handover& handover, const SuspendRequest& request, Deposits& deposits) {
  Result<void> outcome;
  for (const Worker& worker : workers_) {
    Result<WorkerHandover> suspended = suspend_worker(worker, request, deposits);
    if (!suspended) {
      outcome = suspended.error().within("worker " + worker.consumer->status().worker);
      break;
    }
    handover.workers.push_back(std::move(suspended).value());
  }
  if (outcome && !services_->stop_writers(request.deadline)) {
    outcome = Error(ErrorCode::timeout, "single_writer: not everything could be committed in time");
  }
  if (outcome) {
    Result<SendersHandover> senders = senders_->suspend(request, deposits);
    if (senders) {
      handover.senders = std::move(senders).value();
      return {};
    }
    outcome = senders.error();
  }
  if (const Result<void> back = services_->start_writers(*outbound_); !back) {
    log_.write(LogLevel::error, "plugin", "a single writer could not go on: " + back.error().message);
  }
  for (std::size_t index = 0; index < handover.workers.size(); ++index) {
    Result<void> back = start_worker(workers_[index], &handover.workers[index], &deposits);
    if (back) back = quiesce_again(workers_[index], request);
    if (!back) log_.write(LogLevel::error, "plugin", "a worker could not go on: " + back.error().message);
  }
  return outcome;
}

Result<void> Bridge::quiesce_again(const Worker& worker, const SuspendRequest& request) {
  const auto deadline = std::max(request.deadline, Clock::now() + 1s);
  worker.consumer->begin_quiesce(deadline);
  return worker.consumer->quiesce(deadline);
}

void Bridge::seed(const Handover& from) {
  outbound_->seed(from.counters);
  services_->seed(from.counters);
}

Result<void> Bridge::take_over(const Handover& from, Deposits& deposits) {
  seed(from);
  Result<void> started = start_parts(&from, &deposits);
  running_ = true;
  if (started) return {};
  // What was started gives up again what it had taken; a part that cannot is stopped in order.
  const SuspendRequest back{Clock::now() + 2s, clients()};
  for (const Worker& worker : workers_) {
    if (worker.consumer->state() == ConsumerState::stopped) continue;
    if (quiesce_again(worker, back)) (void)suspend_worker(worker, back, deposits);
  }
  senders_->give_back(deposits);
  (void)stop(Clock::now() + 1s);
  unsubscribe();
  return started;
}

Result<void> Bridge::stay_stopped(const Handover& from) {
  seed(from);
  outbound_->close(stopped_reason);
  Result<void> subscribed = subscribed_ ? Result<void>() : outbound_->subscribe();
  subscribed_ = subscribed.ok();
  return subscribed;
}

}  // namespace kafka_events
