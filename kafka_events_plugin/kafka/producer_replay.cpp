// The change of clients: what the old one did not deliver is reported, or given to the new one first.
#include <array>
#include <thread>

#include "kafka/producer.h"

namespace kafka_events {
namespace {

constexpr int serve_ms = 10;
constexpr int turns_between_purges = 100;
constexpr std::chrono::milliseconds next_attempt{100};
// A purge is answered at once, unless a thread of librdkafka waits for a name server.
constexpr std::chrono::seconds purge_limit{30};
constexpr std::uint64_t records_between_serving = 256;
constexpr std::size_t report_batch = 256;

/// A record once more, as it was. Its memory is copied: the old client is to end soon.
rd_kafka_resp_err_t produce_again(rd_kafka_t* client, const rd_kafka_message_t& message) {
  rd_kafka_headers_t* given = nullptr;
  HeadersHandle headers;
  if (rd_kafka_message_headers(&message, &given) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    headers.reset(rd_kafka_headers_copy(given));
  }
  const int flags = RD_KAFKA_MSG_F_COPY;
  const std::int64_t timestamp = timestamp_ms(message);
  const auto code = rd_kafka_producev(
      client, RD_KAFKA_VTYPE_TOPIC, rd_kafka_topic_name(message.rkt), RD_KAFKA_VTYPE_PARTITION, message.partition,
      RD_KAFKA_VTYPE_MSGFLAGS, flags, RD_KAFKA_VTYPE_VALUE, static_cast<const void*>(message.payload), message.len,
      RD_KAFKA_VTYPE_KEY, static_cast<const void*>(message.key), message.key_len, RD_KAFKA_VTYPE_TIMESTAMP, timestamp,
      RD_KAFKA_VTYPE_OPAQUE, message._private, RD_KAFKA_VTYPE_HEADERS, headers.get(), RD_KAFKA_VTYPE_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) headers.release();  // taken over only now
  return code;
}

}  // namespace

void Producer::replace_client() {
  path_.close_gate(SendStatus::full);
  renew_ = false;
  // It ends when the new one has what it held.
  const Session old = path_.session();
  if (old != nullptr) {
    collect_lost(old, Clock::now() + purge_limit);
    waiting_ = lost_.size();
    path_.detach();
  }
  fatal_ = true;  // until a new client works
  if (!may_replay()) report_lost();
  const auto made = make_session();
  const auto opened = made ? path_.attach(made.value()) : Result<void>(made.error());
  if (!opened) {
    errors_.add(LogLevel::error, "recreate", opened.error().message);
    std::this_thread::sleep_for(next_attempt);
    return;
  }
  probe_.reset();
  fatal_ = false;
  recreated_.fetch_add(1, std::memory_order_relaxed);
  replay(made.value());
  if (fatal_) std::this_thread::sleep_for(next_attempt);
  if (!fatal_ && stop_by_.load() == never) path_.open_gate();
}

void Producer::collect_lost(const Session& session, Clock::time_point deadline) {
  collecting_ = true;
  for (int turn = 0; session->in_flight() > lost_.messages_taken(); ++turn) {
    if (Clock::now() >= std::min(deadline, stop_by_.load())) break;
    if (turn % turns_between_purges == 0) session->purge();
    serve(session, serve_ms);
  }
  collecting_ = false;
  if (const std::uint64_t known = lost_.messages_taken(); session->in_flight() > known) {
    errors_.add(LogLevel::error, "purge",
                "librdkafka did not say what became of " + std::to_string(session->in_flight() - known) + " records");
  }
  lost_.sort();
}

bool Producer::may_replay() const noexcept {
  return on_loss_ == OnLoss::replay && stop_by_.load() == never && !give_up_.load();
}

void Producer::report_lost() {
  std::vector<const rd_kafka_message_t*> messages;
  while (!lost_.empty()) {
    messages = lost_.first(report_batch);
    count(hand_over_reports(messages, *listener_));
    for (std::size_t i = 0; i < messages.size(); ++i) lost_.drop_front();
  }
  waiting_ = 0;
}

void Producer::replay(const Session& session) {
  std::uint64_t sent = 0;
  while (!lost_.empty() && !fatal_) {
    if (!may_replay()) return report_lost();
    if (!replay_front(session)) serve(session, serve_ms);
    if (++sent % records_between_serving == 0) serve(session, 0);
    waiting_ = lost_.size();
  }
}

bool Producer::replay_front(const Session& session) {
  const rd_kafka_message_t& message = *lost_.front().message;
  const std::int64_t now = steady_now_us();
  if (now - lost_.front().first_us >= record_time_.count()) {
    count(hand_over_reports(std::array{&message}, *listener_, failure_reason(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)));
    lost_.drop_front();
    return true;
  }
  switch (const auto code = produce_again(session->client(), message)) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      replayed_.fetch_add(1, std::memory_order_relaxed);
      lost_.front_is_sent(now);
      return true;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return false;
    case RD_KAFKA_RESP_ERR__FATAL:
      fatal_ = true;
      return false;
    default:
      count(hand_over_reports(std::array{&message}, *listener_, failure_reason(code)));
      lost_.drop_front();
      return true;
  }
}

}  // namespace kafka_events
