// How a producer gives its client up to another version of this module, or goes on with that one's.
#include <utility>

#include "kafka/client.h"
#include "kafka/client_handover.h"
#include "kafka/oauth_token.h"
#include "kafka/producer.h"

namespace kafka_events {
namespace {

constexpr int connect_ms = 1000;
constexpr std::chrono::seconds end_limit{1};

constexpr std::string_view delivered_name = "delivered";
constexpr std::string_view failed_name = "failed";
constexpr std::string_view recreated_name = "recreated";
constexpr std::string_view replayed_name = "replayed";

}  // namespace

ClientKey Producer::key(std::string name) const {
  Session running = path_.session();
  if (running == nullptr) running = prepared_;
  if (running != nullptr) return {std::move(name), running->digest()};
  return client_key(std::move(name), settings_.properties, RD_KAFKA_PRODUCER, identity_);
}

Result<Producer::Session> Producer::make_session() const {
  return ProducerSession::create(settings_.properties,
                                 client_key({}, settings_.properties, RD_KAFKA_PRODUCER, identity_).digest);
}

void Producer::prepare() {
  if (thread_.joinable() || prepared_ != nullptr) return;
  auto made = make_session();
  if (!made) return;  // start() will say why
  prepared_ = std::move(made).value();
  if (!oauth_token_file_.empty()) refresh_oauth_token(prepared_->client(), oauth_token_file_);
  const rd_kafka_metadata_t* metadata = nullptr;
  prepared_connected_ =
      rd_kafka_metadata(prepared_->client(), 0, nullptr, &metadata, connect_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
}

Result<Producer::Session> Producer::session_for(const ProducerHandover* from, Deposits* deposits) {
  taken_over_ = false;
  if (from != nullptr && from->deposited && deposits != nullptr) {
    if (rd_kafka_t* client = withdraw_client(*deposits, from->name)) {
      taken_over_ = true;
      if (from->connected) probe_.assume_connected();
      return ProducerSession::adopt(client, client_key({}, settings_.properties, RD_KAFKA_PRODUCER, identity_).digest);
    }
    errors_.add(LogLevel::error, "handover",
                "the client of " + from->name + " is gone: what it had in flight has no report");
  }
  if (prepared_ == nullptr) return make_session();
  if (prepared_connected_) probe_.assume_connected();
  return std::exchange(prepared_, nullptr);
}

void Producer::give_back(Session session, const ProducerHandover* from, Deposits* deposits) {
  probe_.reset();
  if (!std::exchange(taken_over_, false)) return;
  rd_kafka_t* client = ProducerSession::leave(std::move(session));
  if (deposit_client(*deposits, from->name, client)) return;
  errors_.add(LogLevel::error, "handover", "the client of " + from->name + " cannot be given back");
  destroy_client(client, Clock::now() + end_limit);
}

Result<ProducerHandover> Producer::suspend(std::string name, const SuspendRequest& request, Deposits& deposits) {
  if (!thread_.joinable()) return Error(ErrorCode::state, name + " is not running");
  const ClientKey own = key(std::move(name));
  if (own.digest.empty() || !has(request.other, own)) return finish(own.name, request.deadline);
  if (!delivery_.ask(request.deadline, [this] { wake(); })) {
    return Error(ErrorCode::timeout, own.name + ": the client is being replaced, or its listener blocks");
  }
  thread_.join();
  path_.close_gate(SendStatus::refused);
  ProducerHandover handover = state(own.name);
  handover.deposited = true;
  rd_kafka_t* client = ProducerSession::leave(path_.detach());
  const Result<void> deposited = deposit_client(deposits, own.name, client);
  if (deposited) {
    probe_.reset();
    return handover;
  }
  Result<void> resumed = run_with(ProducerSession::adopt(client, own.digest), {});
  if (!resumed) errors_.add(LogLevel::error, "handover", "cannot go on: " + resumed.error().message);
  return deposited.error().within(own.name);
}

Result<ProducerHandover> Producer::finish(const std::string& name, Clock::time_point deadline) {
  wait_for_reports(deadline);
  if (const std::uint64_t left = in_flight(); left > 0) {
    return Error(ErrorCode::timeout, name + ": " + std::to_string(left) +
                                         " records have no acknowledgement yet; try again when Kafka takes records");
  }
  ProducerHandover handover = state(name);
  stop(std::max(deadline, Clock::now() + end_limit));
  return handover;
}

ProducerHandover Producer::state(const std::string& name) const {
  ProducerHandover handover;
  handover.name = name;
  handover.connected = connected();
  handover.topics = path_.topic_names();
  handover.counters = {{std::string(delivered_name), {}, delivered_.load()},
                       {std::string(failed_name), {}, failed_.load()},
                       {std::string(recreated_name), {}, recreated_.load()},
                       {std::string(replayed_name), {}, replayed_.load()}};
  return handover;
}

void Producer::seed(const Counters& counters) {
  for (const CounterHandover& counter : counters) {
    if (counter.name == delivered_name) delivered_ = counter.value;
    if (counter.name == failed_name) failed_ = counter.value;
    if (counter.name == recreated_name) recreated_ = counter.value;
    if (counter.name == replayed_name) replayed_ = counter.value;
  }
}

}  // namespace kafka_events
