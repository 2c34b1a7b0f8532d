// One record on one route of the pipeline: limits, the sink, the record, the request that it may be. Publisher's thread.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>

#include "outbound/pipeline.h"

namespace kafka_events {
namespace {

constexpr std::int64_t longest_request_ms = 86'400'000;

/// How long an answer may take: as the event's header says, else as its route does.
Result<std::chrono::milliseconds> request_timeout(const Event& event, const config::RouteSettings& settings) {
  const auto header = std::ranges::find(event.headers, request_timeout_header, &Header::name);
  if (header == event.headers.end()) return settings.reply_timeout;
  std::int64_t milliseconds = 0;
  const char* end = header->value.data() + header->value.size();
  const auto [stopped, trouble] = std::from_chars(header->value.data(), end, milliseconds);
  if (trouble != std::errc{} || stopped != end || milliseconds < 1 || milliseconds > longest_request_ms) {
    return Error(ErrorCode::invalid, std::string("header ").append(request_timeout_header) +
                                         ": write a number of milliseconds from 1 to " +
                                         std::to_string(longest_request_ms));
  }
  return std::chrono::milliseconds(milliseconds);
}

/// What may succeed soon is no reason to give an event up.
SendStatus status_of(const Error& error, ErrorCode soon) noexcept {
  return error.code == soon ? SendStatus::full : SendStatus::refused;
}

}  // namespace

SendStatus OutboundPipeline::send(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                  std::string& reason) noexcept {
  bool in_transaction = false;
  SendStatus status = SendStatus::refused;
  try {
    status = send_unlimited(event, topic, route, reason, in_transaction);
  } catch (const std::exception&) {
    reason = "out of memory";  // short enough to need none
  }
  // Of a record in the outbox or in a transaction the report comes without the event, perhaps never: it counts no more.
  const bool reported = status == SendStatus::accepted && !in_transaction;
  if (further_.tenants != nullptr && !reported) further_.tenants->leave(event.tenant, event.payload.size());
  return status;
}

SendStatus OutboundPipeline::send_unlimited(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                            std::string& reason, bool& in_transaction) {
  OutboundRecord record;
  RecordSink& sink = sink_of(event, route, in_transaction);
  if (!in_transaction && builder_.build_plain(event, route, record)) return hand_over(record, sink, route, reason);
  RecordStorage storage;
  if (Result<void> built = build(event, topic, route, sink, in_transaction, storage, record); !built.ok()) {
    reason = built.error().message;
    return status_of(built.error(), ErrorCode::unavailable);
  }
  const bool is_request = further_.requests != nullptr && !storage.correlation_id.empty();
  return is_request ? send_request(record, sink, route, storage.correlation_id, reason)
                    : hand_over(record, sink, route, reason);
}

RecordSink& OutboundPipeline::sink_of(const Event& event, const ResolvedRoute& route, bool& in_transaction) const {
  const config::RouteSettings& settings = route.route->settings;
  if (settings.single_writer && further_.single_writer != nullptr) return *further_.single_writer;
  if (settings.qos == config::Qos::exactly_once) {
    RecordSink* transaction = sinks_.transaction_of(event);
    in_transaction = transaction != nullptr;
    if (in_transaction) return *transaction;
  }
  return sinks_.of(settings.qos);
}

Result<void> OutboundPipeline::build(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                     RecordSink& sink, bool in_transaction, RecordStorage& storage,
                                     OutboundRecord& record) {
  // The builder remembers topics for each guarantee's own sink, and the constant topic of a route.
  const bool another_sink = route.route->settings.single_writer && !route.topic_is_constant;
  return in_transaction || another_sink ? builder_.build_for(event, topic, route, sink, storage, record)
                                        : builder_.build(event, topic, route, sink, storage, record);
}

SendStatus OutboundPipeline::hand_over(const OutboundRecord& record, RecordSink& sink, const ResolvedRoute& route,
                                       std::string& reason) {
  const SendStatus status = sink.send(record);
  if (status == SendStatus::accepted || status == SendStatus::kept) {
    counters_[route.index].sent();
  } else if (status != SendStatus::full) {
    reason = sink.explain(status, record);
  }
  return status;
}

// The request is known before its record is sent, because the answer may come at once.
SendStatus OutboundPipeline::send_request(const OutboundRecord& record, RecordSink& sink, const ResolvedRoute& route,
                                          std::string_view correlation_id, std::string& reason) {
  const Result<std::chrono::milliseconds> timeout = request_timeout(*record.source, route.route->settings);
  if (!timeout.ok()) {
    reason = timeout.error().message;
    return SendStatus::refused;
  }
  if (Result<void> opened = further_.requests->open(correlation_id, *record.source, timeout.value()); !opened.ok()) {
    reason = opened.error().message;
    return status_of(opened.error(), ErrorCode::busy);
  }
  const SendStatus status = hand_over(record, sink, route, reason);
  if (status != SendStatus::accepted && status != SendStatus::kept) further_.requests->cancel(correlation_id);
  return status;
}

}  // namespace kafka_events
