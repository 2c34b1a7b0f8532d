// How a transactional producer gives its client up to another version of this module, or goes on with that one's.
#include <utility>

#include "kafka/client.h"
#include "kafka/client_handover.h"
#include "kafka/transactional_producer.h"

namespace kafka_events {
namespace {

constexpr std::chrono::seconds end_limit{1};

constexpr std::string_view delivered_name = "delivered";
constexpr std::string_view failed_name = "failed";
constexpr std::string_view recreated_name = "recreated";

}  // namespace

ClientKey TransactionalProducer::key_of(std::string name, const config::ProducerSettings& settings,
                                        const std::string& oauth_token_file, const std::string& bound_to) {
  std::vector<config::Property> properties = settings.properties;
  if (!bound_to.empty()) {
    std::erase_if(properties, [](const config::Property& property) { return property.name == "transactional.id"; });
  }
  return client_key(std::move(name), properties, RD_KAFKA_PRODUCER, oauth_token_file + "\n" + bound_to);
}

ClientKey TransactionalProducer::key(std::string name) const {
  if (const Session running = path_.session()) return {std::move(name), running->digest()};
  return key_of(std::move(name), settings_, oauth_token_file_, bound_to_);
}

Result<void> TransactionalProducer::start(DeliveryListener& listener, const ProducerHandover* from,
                                          Deposits* deposits) {
  if (listener_ != nullptr) return Error(ErrorCode::state, "the producer is running");
  listener_ = &listener;
  rd_kafka_t* client = nullptr;
  if (from != nullptr && from->deposited && deposits != nullptr) client = withdraw_client(*deposits, from->name);
  Result<void> started = client == nullptr ? open_client() : take_over(client, *from, *deposits);
  if (!started) {
    listener_ = nullptr;
    return started;
  }
  if (from != nullptr) seed(from->counters);
  return {};
}

Result<void> TransactionalProducer::take_over(rd_kafka_t* client, const ProducerHandover& from, Deposits& deposits) {
  Session session = ProducerSession::adopt(client, key_of({}, settings_, oauth_token_file_, bound_to_).digest);
  if (from.connected) probe_.assume_connected();
  Result<void> runs = run_with(session, from.topics);
  if (runs) {
    begun_ = {};
    enter(Phase::ready);
    return {};
  }
  probe_.reset();
  ProducerSession::leave(std::move(session));
  if (!deposit_client(deposits, from.name, client)) destroy_client(client, Clock::now() + end_limit);
  return runs;
}

Result<ProducerHandover> TransactionalProducer::suspend(std::string name, const SuspendRequest& request,
                                                        Deposits& deposits) {
  if (listener_ == nullptr) return Error(ErrorCode::state, name + " is not running");
  if (phase_ != Phase::unprepared && phase_ != Phase::ready) {
    return Error(ErrorCode::busy, name + ": a transaction is open or undecided");
  }
  const ClientKey own = key(std::move(name));
  if (!own.digest.empty() && has(request.other, own) && phase_ == Phase::ready) return leave_client(own, deposits);
  ProducerHandover handover = state(own.name);
  stop(std::max(request.deadline, Clock::now() + end_limit));
  return handover;
}

Result<ProducerHandover> TransactionalProducer::leave_client(const ClientKey& own, Deposits& deposits) {
  path_.close_gate(SendStatus::refused);
  end_thread(path_.session());
  ProducerHandover handover = state(own.name);
  handover.deposited = true;
  rd_kafka_t* client = ProducerSession::leave(path_.detach());
  const Result<void> deposited = deposit_client(deposits, own.name, client);
  if (deposited) {
    phase_ = Phase::unprepared;
    listener_ = nullptr;
    probe_.reset();
    return handover;
  }
  Result<void> resumed = run_with(ProducerSession::adopt(client, own.digest), {});
  if (resumed) enter(Phase::ready);
  return deposited.error().within(own.name);
}

ProducerHandover TransactionalProducer::state(const std::string& name) const {
  ProducerHandover handover;
  handover.name = name;
  handover.connected = connected();
  handover.topics = path_.topic_names();
  handover.counters = {{std::string(delivered_name), {}, delivered_.load()},
                       {std::string(failed_name), {}, failed_.load()},
                       {std::string(recreated_name), {}, recreated_.load()}};
  return handover;
}

void TransactionalProducer::seed(const Counters& counters) {
  for (const CounterHandover& counter : counters) {
    if (counter.name == delivered_name) delivered_ = counter.value;
    if (counter.name == failed_name) failed_ = counter.value;
    if (counter.name == recreated_name) recreated_ = counter.value;
  }
}

}  // namespace kafka_events
