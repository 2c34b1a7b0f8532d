// The one place where librdkafka's message becomes a DeliveryReport.
#include "kafka/delivery_reports.h"

namespace kafka_events {
namespace {

constexpr std::size_t batch_size = 256;

DeliveryReport to_report(const rd_kafka_message_t& message) {
  DeliveryReport report;
  report.event = static_cast<EventHandle>(message._private);
  report.topic = rd_kafka_topic_name(message.rkt);
  report.partition = message.partition;
  report.delivered = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (report.delivered) {
    report.offset = message.offset >= 0 ? message.offset : -1;
  } else {
    report.reason = failure_reason(message.err);
  }
  report.latency_us = rd_kafka_message_latency(&message);
  report.value_bytes = message.len;
  return report;
}

}  // namespace

DeliveryCounts hand_over_reports(rd_kafka_event_t* event, DeliveryListener& listener) {
  std::array<const rd_kafka_message_t*, batch_size> messages{};
  std::array<DeliveryReport, batch_size> reports;
  DeliveryCounts counts;
  while (const std::size_t count = rd_kafka_event_message_array(event, messages.data(), messages.size())) {
    for (std::size_t i = 0; i < count; ++i) {
      reports[i] = to_report(*messages[i]);
      ++(reports[i].delivered ? counts.delivered : counts.failed);
    }
    listener.on_deliveries(std::span(reports).first(count));
  }
  return counts;
}

const char* failure_reason(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      return "no broker acknowledged it within message.timeout.ms";
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
      return "given up before it was sent, because the producer stopped";
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return "given up before its acknowledgement came, because the producer stopped; it may have been written";
    default:
      return rd_kafka_err2str(code);
  }
}

}  // namespace kafka_events
