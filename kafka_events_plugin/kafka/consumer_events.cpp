// What comes out of the consumer's queue: records and errors. consumer_group.cpp has rebalances and commits.
#include <string_view>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"
#include "kafka/message_headers.h"

namespace kafka_events {
namespace {

/// The release of a record must not lie in this module, which may be gone by then.
using Release = void (*)(void*);
Release librdkafka_release() {
  return reinterpret_cast<Release>(reinterpret_cast<void (*)()>(&rd_kafka_event_destroy));
}

Bytes to_bytes(const void* data, std::size_t size) {
  return data == nullptr ? Bytes() : Bytes(static_cast<const char*>(data), size);
}

}  // namespace

void ConsumerLoop::serve(EventOwner event) {
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_FETCH:
      return on_fetched(std::move(event));
    case RD_KAFKA_EVENT_REBALANCE:
      return on_rebalance(event.get());
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      return on_committed(event.get());
    case RD_KAFKA_EVENT_ERROR:
      return on_error(event.get());
    default:
      serve_common_event(client_, event.get(), oauth_token_file_, client_log_, log_);
  }
}

void ConsumerLoop::on_fetched(EventOwner event) {
  const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
  if (message == nullptr || leaving_) return;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return on_partition_error(message->err, rd_kafka_message_errstr(message));
  }
  read_headers(*message, headers_);
  InboundRecord record;
  record.topic = rd_kafka_topic_name(message->rkt);
  record.partition = message->partition;
  record.offset = message->offset;
  record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
  record.key = to_bytes(message->key, message->key_len);
  record.value = to_bytes(message->payload, message->len);
  record.headers = headers_;
  record.owner = event.release();
  record.release = librdkafka_release();
  records_.fetch_add(1, std::memory_order_relaxed);
  if (settings_.qos == config::Qos::at_most_once) return first_.add(record);
  const auto inside = handling_.enter();
  handler_->on_record(record);
}

void ConsumerLoop::on_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  const std::string text = error_text(event, settings_.properties);
  if (is_connection_error(code)) probe_.doubt(code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
  if (rd_kafka_event_error_is_fatal(event) != 0) {
    errors_.add(LogLevel::error, rd_kafka_err2name(code), text);
    return fail(text);
  }
  on_partition_error(code, text);
}

void ConsumerLoop::on_partition_error(rd_kafka_resp_err_t code, std::string_view text) {
  if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  // A pattern that matches no topic yet is no problem: it is looked up again every topic.metadata.refresh.interval.ms.
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && text.find("not available: ^") != std::string_view::npos)
    return;
  if (code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    errors_.add(LogLevel::error, rd_kafka_err2name(code), text);
    return fail("a partition has no committed offset (or it is gone), and auto_offset_reset is none: " +
                std::string(text));
  }
  errors_.add(LogLevel::warning, rd_kafka_err2name(code), text);
}

void ConsumerLoop::fail(std::string reason) {
  log_.write(LogLevel::error, "kafka.consumer." + settings_.name, "the worker stops: " + reason);
  const std::lock_guard lock(status_mutex_);
  shared_.reason = std::move(reason);
  state_ = ConsumerState::failed;
}

}  // namespace kafka_events
