#include "requests/reply_events.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/request_book.h"
#include "core/transaction_scope.h"
#include "requests/pending_requests.h"

namespace kafka_events {
namespace {

constexpr std::string_view content_type_header = "content-type";
/// Of the record's way between agents; the event is this agent's.
constexpr std::array<std::string_view, 3> not_of_the_event = {"agent-topic", "agent-tenant", cause_header};

bool is_of_the_event(const Header& header) {
  return header.name != content_type_header && header.name != reply_to_header &&
         std::ranges::find(not_of_the_event, header.name) == not_of_the_event.end();
}

std::string id_of(const InboundRecord& record) {
  std::string id(record.topic);
  return id.append(1, ':')
      .append(std::to_string(record.partition))
      .append(1, ':')
      .append(std::to_string(record.offset));
}

}  // namespace

Result<void> ReplyEvents::answer(const PendingRequest& request, const InboundRecord& record) {
  EventDraft draft;
  headers_.clear();
  for (const Header& header : record.headers) {
    if (header.name == content_type_header && !is_null(header.value)) draft.content_type = header.value;
    if (is_of_the_event(header)) headers_.push_back(header);
  }
  headers_.push_back({cause_header, request.id});
  draft.headers = headers_;
  const std::string id = id_of(record);
  draft.id = id;
  draft.payload = record.value;
  draft.timestamp_us = record.timestamp_ms > 0 ? record.timestamp_ms * 1000 : 0;
  return publish(request, request.late ? late_reply_suffix : reply_suffix, draft);
}

Result<void> ReplyEvents::timeout(const PendingRequest& request, std::string_view reason) {
  const std::array<Header, 3> headers = {
      {{correlation_header, request.correlation_id}, {cause_header, request.id}, {"reason", reason}}};
  EventDraft draft;
  draft.headers = std::span(headers).first(reason.empty() ? 2 : 3);
  return publish(request, reply_timeout_suffix, draft);
}

Result<void> ReplyEvents::publish(const PendingRequest& request, std::string_view suffix, EventDraft& draft) {
  std::string topic = request.topic;
  topic.append(suffix);
  draft.topic = topic;
  draft.tenant = request.tenant;
  if (!request.null_key) draft.key = request.key;
  in_flight_->begin();
  Result<void> published = bus_.publish(draft, in_flight_, 0);
  if (!published) in_flight_->end();
  return published;
}

}  // namespace kafka_events
