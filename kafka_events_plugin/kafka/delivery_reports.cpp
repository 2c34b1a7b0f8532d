// The one place where librdkafka's message becomes a DeliveryReport.
#include "kafka/delivery_reports.h"

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "kafka/message_headers.h"

namespace kafka_events {
namespace {

constexpr std::size_t batch_size = 256;
/// Reading the clock for each record costs more than the rest of its report. Records that lie next to each other in a
/// batch were sent next to each other, so that every eighth one speaks for its neighbours.
constexpr std::size_t latency_every = 8;

Bytes bytes(const void* data, std::size_t size) noexcept {
  return data == nullptr ? Bytes() : Bytes(static_cast<const char*>(data), size);
}

/// What the reports of one batch point to.
struct FailedRecord {
  FailedDelivery delivery;
  std::vector<Header> headers;
};

void describe(const rd_kafka_message_t& message, FailedRecord& failed) {
  read_headers(message, failed.headers);
  failed.delivery = {.key = bytes(message.key, message.key_len),
                     .value = bytes(message.payload, message.len),
                     .headers = failed.headers,
                     .timestamp_ms = timestamp_ms(message),
                     .maybe_written = rd_kafka_message_status(&message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED};
}

/// Reports that are made one by one: an array of them would be filled with zeros first, at each batch.
class ReportBuffer {
 public:
  DeliveryReport& add(const DeliveryReport& report) noexcept { return *std::construct_at(at(size_++), report); }
  [[nodiscard]] DeliveryReport& operator[](std::size_t index) noexcept { return *std::launder(at(index)); }
  [[nodiscard]] std::span<const DeliveryReport> all() noexcept { return {std::launder(at(0)), size_}; }

 private:
  static_assert(std::is_trivially_destructible_v<DeliveryReport>);
  DeliveryReport* at(std::size_t index) noexcept { return reinterpret_cast<DeliveryReport*>(memory_.data()) + index; }

  alignas(DeliveryReport) std::array<std::byte, sizeof(DeliveryReport) * batch_size> memory_;
  std::size_t size_ = 0;
};

DeliveryReport to_report(const rd_kafka_message_t& message, std::string_view reason) {
  DeliveryReport report;
  const auto opaque = reinterpret_cast<std::uintptr_t>(message._private);
  if ((opaque & 1U) != 0) {
    report.number = opaque >> 1U;
  } else {
    report.event = static_cast<EventHandle>(message._private);
  }
  report.topic = rd_kafka_topic_name(message.rkt);
  report.partition = message.partition;
  report.delivered = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (report.delivered) {
    report.offset = message.offset >= 0 ? message.offset : -1;
  } else {
    report.failure = failure_kind(message.err);
    report.reason = reason.empty() ? std::string_view(failure_reason(message.err)) : reason;
  }
  report.value_bytes = message.len;
  return report;
}

/// At most batch_size messages.
DeliveryCounts hand_over_batch(std::span<const rd_kafka_message_t* const> messages, DeliveryListener& listener,
                               std::string_view reason) {
  ReportBuffer reports;
  DeliveryCounts counts;
  std::int64_t latency_us = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (i % latency_every == 0) latency_us = rd_kafka_message_latency(messages[i]);
    DeliveryReport& report = reports.add(to_report(*messages[i], reason));
    report.latency_us = latency_us;
    ++(report.delivered ? counts.delivered : counts.failed);
  }
  std::vector<FailedRecord> failed(counts.failed);
  for (std::size_t i = 0, next = 0; next < failed.size(); ++i) {
    if (reports[i].delivered) continue;
    describe(*messages[i], failed[next]);
    reports[i].failed = &failed[next++].delivery;
  }
  listener.on_deliveries(reports.all());
  return counts;
}

void add(DeliveryCounts& sum, const DeliveryCounts& more) {
  sum.delivered += more.delivered;
  sum.failed += more.failed;
}

}  // namespace

std::vector<const rd_kafka_message_t*> messages_of(rd_kafka_event_t* event) {
  std::vector<const rd_kafka_message_t*> messages(rd_kafka_event_message_count(event));
  messages.resize(rd_kafka_event_message_array(event, messages.data(), messages.size()));
  return messages;
}

DeliveryCounts hand_over_reports(rd_kafka_event_t* event, DeliveryListener& listener) {
  std::array<const rd_kafka_message_t*, batch_size> messages;
  DeliveryCounts counts;
  while (const std::size_t count = rd_kafka_event_message_array(event, messages.data(), messages.size())) {
    add(counts, hand_over_batch(std::span(messages).first(count), listener, {}));
  }
  return counts;
}

DeliveryCounts hand_over_reports(std::span<const rd_kafka_message_t* const> messages, DeliveryListener& listener,
                                 std::string_view reason) {
  DeliveryCounts counts;
  while (!messages.empty()) {
    const std::size_t count = std::min(messages.size(), batch_size);
    add(counts, hand_over_batch(messages.first(count), listener, reason));
    messages = messages.subspan(count);
  }
  return counts;
}

std::int64_t timestamp_ms(const rd_kafka_message_t& message) noexcept {
  // librdkafka tells it of messages without an error only. The message is ours alone, and never was const.
  auto& mutable_message = const_cast<rd_kafka_message_t&>(message);
  const rd_kafka_resp_err_t code = std::exchange(mutable_message.err, RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  mutable_message.err = code;
  return std::max<std::int64_t>(timestamp, 0);
}

const char* failure_reason(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      return "no broker acknowledged it within message.timeout.ms";
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
      return "given up before it was sent: the producer stopped, was renewed or aborted the transaction";
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return "given up before its acknowledgement came: the producer stopped or was renewed; it may have been written";
    default:
      return rd_kafka_err2str(code);
  }
}

Failure failure_kind(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Failure::none;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Failure::permanent;
    default:
      return Failure::transient;
  }
}

bool is_lost(const rd_kafka_message_t& message) noexcept {
  return failure_kind(message.err) == Failure::transient && message.err != RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
}

}  // namespace kafka_events
