// The delivery thread of the producer: serves its event queue, watches the connection, replaces a client that went
// fatal.
#include <pthread.h>
#include <thread>

#include "kafka/client.h"
#include "kafka/delivery_reports.h"
#include "kafka/producer.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int poll_ms = 100;
constexpr std::chrono::milliseconds recreate_pause{100};
constexpr std::chrono::seconds give_up_limit{2};

}  // namespace

void Producer::run() {
  pthread_setname_np(pthread_self(), "kfk-delivery");
  while (stop_by_.load() == never) {
    if (fatal_) {
      recreate();
      continue;
    }
    const Session running = session();
    probe_.check(running->client(), running->topic(TopicId{0}));
    serve(*running, poll_ms);
  }
  close_gate();
  if (const Session running = session()) give_up_in_flight(*running, stop_by_.load());
}

void Producer::close_gate() {
  current_.store(nullptr);
  gate_.wait_until_left();
}

void Producer::serve(ProducerSession& session, int timeout_ms) {
  const EventOwner event(rd_kafka_queue_poll(session.queue(), timeout_ms));
  if (event == nullptr) return;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR: {
      const DeliveryCounts counts = hand_over_reports(event.get(), *listener_);
      delivered_.fetch_add(counts.delivered, std::memory_order_relaxed);
      failed_.fetch_add(counts.failed, std::memory_order_relaxed);
      break;
    }
    case RD_KAFKA_EVENT_ERROR:
      on_error(event.get());
      break;
    default:
      serve_common_event(session.client(), event.get(), oauth_token_file_, client_log_, log_);
  }
}

void Producer::on_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  const bool fatal = rd_kafka_event_error_is_fatal(event) != 0;
  errors_.add(fatal ? LogLevel::error : LogLevel::warning, rd_kafka_err2name(code),
              error_text(event, settings_.properties));
  if (is_connection_error(code)) probe_.doubt(code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
  fatal_ = fatal_ || fatal;
}

void Producer::give_up_in_flight(ProducerSession& session, Clock::time_point deadline) {
  if (session.idle()) return;
  session.purge();
  while (!session.idle() && Clock::now() < deadline) serve(session, 10);
}

void Producer::recreate() {
  close_gate();
  if (const Session broken = session()) {
    give_up_in_flight(*broken, Clock::now() + give_up_limit);
    const std::lock_guard lock(mutex_);
    session_ = nullptr;
  }
  auto opened = open_session();
  if (!opened) {
    errors_.add(LogLevel::error, "recreate", opened.error().message);
    std::this_thread::sleep_for(recreate_pause);
    return;
  }
  probe_.reset();
  fatal_ = false;
  recreated_.fetch_add(1, std::memory_order_relaxed);
  current_.store(opened.value().get());
}

}  // namespace kafka_events
