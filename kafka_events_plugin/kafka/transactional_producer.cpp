// Life, client and delivery thread of the transactional producer; transactional_steps.cpp has the transactions.
#include "kafka/transactional_producer.h"

#include <pthread.h>
#include <system_error>

#include "kafka/client.h"
#include "kafka/delivery_reports.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

constexpr int poll_ms = 100;
constexpr std::chrono::milliseconds wait_step{2};
constexpr int steps_between_purges = 250;
constexpr std::chrono::seconds between_clients{1};

}  // namespace

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::create(const config::ProducerSettings& settings,
                                                                             Log& log, std::string oauth_token_file,
                                                                             const std::string& bound_to) {
  if (auto resident = keep_librdkafka_resident(); !resident) return resident.error();
  if (const auto problems = check_properties(settings.properties); !problems.empty()) {
    return Error(ErrorCode::invalid, problems.front().message);
  }
  if (property_value(settings.properties, "transactional.id").empty()) {
    return Error(ErrorCode::invalid, "a transactional producer needs a transactional.id");
  }
  return std::unique_ptr<TransactionalProducer>(
      new TransactionalProducer(settings, std::move(oauth_token_file), bound_to, log));
}

TransactionalProducer::TransactionalProducer(const config::ProducerSettings& settings, std::string oauth_token_file,
                                             std::string bound_to, Log& log)
    : settings_(settings),
      oauth_token_file_(std::move(oauth_token_file)),
      bound_to_(std::move(bound_to)),
      errors_(log, "kafka.transactions"),
      client_log_(log, "kafka.librdkafka"),
      log_(log),
      path_(settings.max_record_bytes) {}

TransactionalProducer::~TransactionalProducer() { stop(Clock::now() + std::chrono::seconds(5)); }

void TransactionalProducer::stop(Deadline deadline) {
  if (listener_ == nullptr) return;
  // Readers of committed records would wait for an open transaction until it times out.
  if (phase_ != Phase::unprepared && phase_ != Phase::ready) (void)abort(deadline);
  close_client(SendStatus::refused, deadline);
  listener_ = nullptr;
  next_client_ = {};
}

Result<void> TransactionalProducer::open_client() {
  auto made = ProducerSession::create(settings_.properties, key_of({}, settings_, oauth_token_file_, bound_to_).digest);
  if (!made) return made.error();
  return run_with(made.value(), {});
}

Result<void> TransactionalProducer::run_with(const Session& session, std::span<const std::string> topics) {
  if (auto opened = path_.attach(session, topics); !opened) return opened;
  phase_ = Phase::unprepared;
  ending_ = false;
  path_.open_gate();
  try {
    thread_ = std::thread([this, session] { run(session); });
  } catch (const std::system_error& error) {
    path_.close_gate(SendStatus::refused);
    path_.detach();
    return Error(ErrorCode::failed, std::string("the delivery thread cannot be started: ") + error.what());
  }
  return {};
}

void TransactionalProducer::end_thread(const Session& session) {
  ending_ = true;
  rd_kafka_queue_yield(session->queue());
  thread_.join();
}

void TransactionalProducer::close_client(SendStatus answer, Deadline deadline) {
  path_.close_gate(answer);
  phase_ = Phase::unprepared;
  next_client_ = Clock::now() + between_clients;
  const Session session = path_.session();
  if (session == nullptr) return;
  for (int step = 0; session->in_flight() > 0 && Clock::now() < deadline; ++step) {
    if (step % steps_between_purges == 0) session->purge();
    std::this_thread::sleep_for(wait_step);
  }
  end_thread(session);
  path_.detach();
  probe_.reset();
}

void TransactionalProducer::run(const Session& session) {
  pthread_setname_np(pthread_self(), "kfk-txn-dr");
  while (!ending_.load()) {
    probe_.check(session->client(), session->topic(TopicId{0}));
    serve(session, poll_ms);
  }
  while (rd_kafka_queue_length(session->queue()) > 0) serve(session, 0);
}

void TransactionalProducer::serve(const Session& session, int timeout_ms) {
  const EventOwner event(rd_kafka_queue_poll(session->queue(), timeout_ms));
  if (event == nullptr) return;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR: {
      const DeliveryCounts counts = hand_over_reports(event.get(), *listener_);
      delivered_.fetch_add(counts.delivered, std::memory_order_relaxed);
      failed_.fetch_add(counts.failed, std::memory_order_relaxed);
      failed_in_transaction_.fetch_add(counts.failed);
      break;
    }
    case RD_KAFKA_EVENT_ERROR: {
      const auto code = rd_kafka_event_error(event.get());
      const bool fatal = rd_kafka_event_error_is_fatal(event.get()) != 0;
      errors_.add(fatal ? LogLevel::error : LogLevel::warning, rd_kafka_err2name(code),
                  error_text(event.get(), settings_.properties));
      if (is_connection_error(code)) probe_.doubt(code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
      break;
    }
    default:
      serve_common_event(session->client(), event.get(), oauth_token_file_, client_log_, log_);
  }
}

ProducerStatus TransactionalProducer::status() const {
  ProducerStatus status;
  status.running = path_.running();
  status.connected = connected();
  status.in_flight = in_flight();
  status.delivered = delivered_.load(std::memory_order_relaxed);
  status.failed = failed_.load(std::memory_order_relaxed);
  status.topics = path_.topics();
  status.recreated = recreated_.load(std::memory_order_relaxed);
  status.brokers = probe_.brokers();
  status.last_errors = errors_.list();
  return status;
}

}  // namespace kafka_events
