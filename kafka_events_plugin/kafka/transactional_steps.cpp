// The steps of a transaction, and what librdkafka's errors mean for the next one.
#include <algorithm>
#include <array>
#include <ctime>
#include <thread>

#include "kafka/client.h"
#include "kafka/transaction_offsets.h"
#include "kafka/transactional_producer.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;

/// librdkafka's calls block for at most this long, and are then resumed.
constexpr int slice_ms = 2000;
constexpr int wait_ms = 20;
constexpr std::chrono::milliseconds registration_time{1000};
constexpr std::chrono::milliseconds retry_pause{50};
constexpr std::chrono::seconds close_limit{10};

/// Goes on while the machine sleeps, as the coordinator's clock does.
std::chrono::microseconds boot_time() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::microseconds(now.tv_nsec / 1000);
}

bool is_fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

int next_slice(Clock::time_point deadline) { return std::max(1, remaining_ms(deadline, slice_ms)); }

/// Calls until it succeeds, fails for good, or the time is over.
template <class Call>
ErrorHandle until(Clock::time_point deadline, const Call& call) {
  while (true) {
    ErrorHandle error(call(next_slice(deadline)));
    if (error == nullptr || rd_kafka_error_is_retriable(error.get()) == 0) return error;
    if (Clock::now() >= deadline) return error;
    // At once after a time-out; everything else is worth a pause.
    if (rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__TIMED_OUT) {
      std::this_thread::sleep_for(std::min<Clock::duration>(retry_pause, deadline - Clock::now()));
    }
  }
}

TransactionStep gone(std::string_view step) {
  return {TransactionState::renew, std::string(step) + ": the transactional client is gone or was not prepared"};
}

}  // namespace

TransactionStep TransactionalProducer::prepare(Deadline deadline) {
  if (listener_ == nullptr) return gone("prepare");
  if (path_.session() == nullptr) {
    std::this_thread::sleep_until(std::min(next_client_, deadline));
    if (Clock::now() < next_client_) return {TransactionState::again, "a new client is about to be made"};
    if (auto opened = open_client(); !opened) {
      next_client_ = Clock::now() + std::chrono::seconds(1);
      return {TransactionState::again, opened.error().message};
    }
    recreated_.fetch_add(1, std::memory_order_relaxed);
  }
  if (phase_ != Phase::unprepared) return {};
  begun_ = {};
  const Session session = path_.session();
  const ErrorHandle error =
      until(deadline, [&](int timeout) { return rd_kafka_init_transactions(session->client(), timeout); });
  TransactionStep step = conclude(error.get(), "registering the transactional id");
  if (step.ok()) enter(Phase::ready);
  return step;
}

TransactionStep TransactionalProducer::begin() {
  if (phase_ != Phase::ready) return gone("begin");
  failed_in_transaction_ = 0;
  begun_ = boot_time();
  const ErrorHandle error(rd_kafka_begin_transaction(path_.session()->client()));
  TransactionStep step = conclude(error.get(), "beginning a transaction");
  if (step.ok()) enter(Phase::open);
  return step;
}

TransactionStep TransactionalProducer::commit(std::span<const TransactionOffset> offsets,
                                              std::string_view group_metadata, Deadline deadline) {
  if (phase_ == Phase::unprepared || phase_ == Phase::ready) return gone("commit");
  if (phase_ == Phase::aborting) return {TransactionState::abort, "the transaction is being aborted"};
  const Session session = path_.session();
  if (phase_ == Phase::open) {
    if (TransactionStep step = wait_for_reports(session, deadline); !step.ok()) return step;
    if (!offsets.empty()) {
      if (TransactionStep step = send_offsets(session, offsets, group_metadata, deadline); !step.ok()) return step;
    }
    enter(Phase::offsets_sent);
  }
  if (phase_ == Phase::offsets_sent) enter(Phase::committing);
  return end_commit(session, deadline);
}

TransactionStep TransactionalProducer::wait_for_reports(const Session& session, Deadline deadline) {
  while (true) {
    if (session->has_failed()) {
      std::array<char, 256> text{};
      const auto code = rd_kafka_fatal_error(session->client(), text.data(), text.size());
      return conclude_fatal(code, text.data());
    }
    if (const std::uint64_t failed = failed_in_transaction_.load(); failed > 0) {
      return {TransactionState::abort, std::to_string(failed) + " records of the transaction failed"};
    }
    // Not session->in_flight(), which counts other events too.
    const int slice = std::min(wait_ms, remaining_ms(deadline, wait_ms));
    if (rd_kafka_flush(session->client(), slice) == RD_KAFKA_RESP_ERR_NO_ERROR && failed_in_transaction_.load() == 0) {
      return {};
    }
    if (Clock::now() >= deadline && failed_in_transaction_.load() == 0) {
      return {TransactionState::again, "records of the transaction wait for their acknowledgement"};
    }
  }
}

TransactionStep TransactionalProducer::send_offsets(const Session& session, std::span<const TransactionOffset> offsets,
                                                    std::string_view group_metadata, Deadline deadline) {
  const PartitionList list = to_partition_list(offsets);
  const GroupMetadata group = read_group_metadata(group_metadata);
  const ErrorHandle error = until(deadline, [&](int timeout) {
    return rd_kafka_send_offsets_to_transaction(session->client(), list.get(), group.get(), timeout);
  });
  return conclude(error.get(), "adding offsets to the transaction");
}

TransactionStep TransactionalProducer::end_commit(const Session& session, Deadline deadline) {
  const ErrorHandle error =
      until(deadline, [&](int timeout) { return rd_kafka_commit_transaction(session->client(), timeout); });
  // A request to commit may have reached the coordinator and been obeyed although librdkafka asks for an abort: sending
  // the records once more would double them. Only the position tells, after a new registration.
  if (error != nullptr && rd_kafka_error_txn_requires_abort(error.get()) != 0 &&
      rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__INCONSISTENT) {
    return end_undecided(rd_kafka_error_string(error.get()));
  }
  TransactionStep step = conclude(error.get(), "committing");
  if (step.ok()) enter(Phase::ready);
  if (step.state == TransactionState::again && undecided_for_too_long()) return end_undecided(step.message);
  return step;
}

TransactionStep TransactionalProducer::abort(Deadline deadline) {
  if (phase_ == Phase::ready) return {};
  if (phase_ == Phase::unprepared) return gone("abort");
  if (phase_ == Phase::committing && failed_in_transaction_.load() == 0) {
    if (undecided_for_too_long()) return end_undecided("a commit");
    return {TransactionState::again, "a commit is undecided: call commit again"};
  }
  const Session session = path_.session();
  if (phase_ != Phase::aborting) {
    // Asked to abort before it knows of a partition, the coordinator finds the transaction in no state to be aborted, and
    // that is fatal to librdkafka: let the records through first, or at least a part of them.
    rd_kafka_flush(session->client(), remaining_ms(std::min(deadline, Clock::now() + registration_time), slice_ms));
    enter(Phase::aborting);
  }
  const ErrorHandle error =
      until(deadline, [&](int timeout) { return rd_kafka_abort_transaction(session->client(), timeout); });
  TransactionStep step = conclude(error.get(), "aborting");
  if (step.ok()) enter(Phase::ready);
  if (step.state == TransactionState::abort) step.state = TransactionState::again;
  if (step.state == TransactionState::again && undecided_for_too_long()) return end_undecided(step.message);
  return step;
}

void TransactionalProducer::enter(Phase phase) {
  phase_ = phase;
  phase_since_ = Clock::now();
}

bool TransactionalProducer::undecided_for_too_long() const {
  // librdkafka sends the request to end a transaction again for a while, but not for ever; and after its timeout the
  // coordinator has aborted what was not committed.
  return Clock::now() - phase_since_ > settings_.transaction_timeout;
}

TransactionStep TransactionalProducer::end_undecided(std::string_view why) {
  close_client(SendStatus::full, Clock::now() + close_limit);
  return {TransactionState::renew, "the end of the transaction is undecided: " + std::string(why)};
}

TransactionStep TransactionalProducer::conclude(const rd_kafka_error_t* error, std::string_view step) {
  if (error == nullptr) return {};
  std::string message = std::string(step) + ": " + rd_kafka_error_string(error);
  if (rd_kafka_error_is_fatal(error) != 0) return conclude_fatal(rd_kafka_error_code(error), std::move(message));
  if (rd_kafka_error_txn_requires_abort(error) != 0) return {TransactionState::abort, std::move(message)};
  if (rd_kafka_error_is_retriable(error) != 0) return {TransactionState::again, std::move(message)};
  errors_.add(LogLevel::error, rd_kafka_err2name(rd_kafka_error_code(error)), message);
  return end_undecided(message);
}

TransactionStep TransactionalProducer::conclude_fatal(rd_kafka_resp_err_t code, std::string message) {
  const bool fenced = is_fenced(code) && begun_.count() != 0 && !coordinator_may_have_given_up();
  errors_.add(LogLevel::error, rd_kafka_err2name(code), message);
  close_client(fenced ? SendStatus::refused : SendStatus::full, Clock::now() + close_limit);
  if (!fenced) return {TransactionState::renew, std::move(message)};
  return {TransactionState::fenced, "another instance took over this transactional id: " + message};
}

bool TransactionalProducer::coordinator_may_have_given_up() const {
  // A coordinator that aborts a transaction for its age also takes a new epoch (KIP-588): the same error as fencing.
  return boot_time() - begun_ >= settings_.transaction_timeout;
}

std::string TransactionalProducer::plain_group_metadata(std::string_view group) const {
  const GroupMetadata metadata(rd_kafka_consumer_group_metadata_new(std::string(group).c_str()));
  return write_group_metadata(*metadata);
}

Result<std::int64_t> TransactionalProducer::committed_position(std::string_view group, Deadline deadline) {
  return highest_committed(settings_.properties, oauth_token_file_, group, deadline);
}

}  // namespace kafka_events
