// The delivery thread of the producer: serves its event queue and watches the connection.
#include <pthread.h>
#include <thread>

#include "kafka/client.h"
#include "kafka/producer.h"

namespace kafka_events {
namespace {

constexpr int poll_ms = 100;
constexpr std::chrono::milliseconds give_up_limit{900};

}  // namespace

void Producer::run() {
  pthread_setname_np(pthread_self(), "kfk-delivery");
  while (stop_by_.load() == never) {
    if (fatal_ || renew_.load()) {
      replace_client();
      continue;
    }
    const Session running = path_.session();
    if (delivery_.asked()) {
      fatal_ = running->has_failed();  // a client that must be replaced is: then it is left
      if (!fatal_ && delivery_.leaves()) return;
      if (fatal_) continue;
    }
    if (give_up_.exchange(false)) {
      collect_lost(running, Clock::now() + give_up_limit);
      report_lost();
    }
    probe_.check(running->client(), running->topic(TopicId{0}));
    serve(running, poll_ms);
  }
  path_.close_gate(SendStatus::refused);
  if (const Session running = path_.session()) collect_lost(running, stop_by_.load());
  report_lost();
}

void Producer::serve(const Session& session, int timeout_ms) {
  EventOwner event(rd_kafka_queue_poll(session->queue(), timeout_ms));
  if (event == nullptr) return;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      on_reports(std::move(event), session);
      break;
    case RD_KAFKA_EVENT_ERROR:
      on_error(event.get());
      break;
    default:
      serve_common_event(session->client(), event.get(), oauth_token_file_, client_log_, log_);
  }
}

void Producer::on_reports(EventOwner event, const Session& session) {
  // What fails with a client comes to the queue before the news of its failure is served, or after.
  if (!collecting_ && !session->has_failed()) {
    count(hand_over_reports(event.get(), *listener_));
    return;
  }
  fatal_ = fatal_ || session->has_failed();
  count(hand_over_reports(lost_.take(event, session), *listener_));
}

void Producer::on_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  const bool fatal = rd_kafka_event_error_is_fatal(event) != 0;
  errors_.add(fatal ? LogLevel::error : LogLevel::warning, rd_kafka_err2name(code),
              error_text(event, settings_.properties));
  if (is_connection_error(code)) probe_.doubt(code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
  fatal_ = fatal_ || fatal;
}

void Producer::count(const DeliveryCounts& counts) noexcept {
  delivered_.fetch_add(counts.delivered, std::memory_order_relaxed);
  failed_.fetch_add(counts.failed, std::memory_order_relaxed);
}

}  // namespace kafka_events
