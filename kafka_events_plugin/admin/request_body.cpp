// RapidJSON's tree, read without recursion; every unknown or wrong field is named.
#include "admin/request_body.h"

#include <charconv>
#include <limits>

#include "admin/body_reader.h"

namespace kafka_events::admin {
namespace {

void take_partition(Body& body, ConsumerCommand& command) {
  auto topic = body.text("topic");
  const auto partition = body.number("partition", 0, std::numeric_limits<std::int32_t>::max());
  if (topic && partition) {
    command.partition = TopicPartition{*std::move(topic), static_cast<std::int32_t>(*partition)};
  } else if (topic || partition) {
    body.refuse(topic ? "partition" : "topic", "is missing: give both topic and partition, or neither for all");
  }
}

void take_target(Body& body, ConsumerCommand& command) {
  const rapidjson::Value* offset = body.find("offset");
  const rapidjson::Value* timestamp = body.find("timestamp");
  if ((offset == nullptr) == (timestamp == nullptr)) {
    return body.refuse(offset == nullptr ? "offset" : "timestamp",
                       "give either offset (a number, \"beginning\" or \"end\") or timestamp (ms since 1970)");
  }
  if (timestamp != nullptr) {
    const auto time = body.number("timestamp", 0, std::numeric_limits<std::int64_t>::max());
    command.target = {SeekPlace::timestamp, time.value_or(0)};
  } else if (offset->IsString()) {
    const std::string place = offset->GetString();
    if (place != "beginning" && place != "end") {
      body.refuse("offset", "must be a number, \"beginning\" or \"end\"");
    }
    command.target.place = place == "end" ? SeekPlace::end : SeekPlace::beginning;
  } else {
    const auto number = body.number("offset", 0, std::numeric_limits<std::int64_t>::max());
    command.target = {SeekPlace::offset, number.value_or(0)};
    if (!command.partition) body.refuse("topic", "is missing: a number as offset is for one partition");
  }
}

}  // namespace

Parsed<ConsumerCommand> parse_command(ConsumerAction action, std::string_view text) {
  const bool seek = action == ConsumerAction::seek;
  Body body = seek ? Body(text, {"topic", "partition", "offset", "timestamp"}) : Body(text, {"topic", "partition"});
  ConsumerCommand command;
  command.action = action;
  take_partition(body, command);
  if (seek) take_target(body, command);
  if (body.problem()) return *body.problem();
  return command;
}

Parsed<RedriveRequest> parse_redrive(std::string_view text) {
  Body body(text, {"worker", "tenant", "limit", "rate"});
  RedriveRequest request;
  request.worker = body.text("worker").value_or("");
  request.tenant = body.text("tenant");
  request.limit = static_cast<std::uint64_t>(
      body.number("limit", 1, RedriveRequest::max_limit).value_or(RedriveRequest::default_limit));
  request.rate = static_cast<std::uint32_t>(
      body.number("rate", 1, RedriveRequest::max_rate).value_or(RedriveRequest::default_rate));
  if (body.problem()) return *body.problem();
  return request;
}

Parsed<DeadLetterQuery> parse_query(const HttpRequest& request) {
  DeadLetterQuery query;
  if (const std::string* worker = request.parameter("worker")) query.worker = *worker;
  const std::string* limit = request.parameter("limit");
  if (limit == nullptr || limit->empty()) return query;
  const auto end = std::from_chars(limit->data(), limit->data() + limit->size(), query.limit);
  const bool whole = end.ec == std::errc() && end.ptr == limit->data() + limit->size();
  if (!whole || query.limit < 1 || query.limit > DeadLetterQuery::max_limit) {
    return BodyProblem{"limit",
                       "\"limit\" must be a whole number from 1 to " + std::to_string(DeadLetterQuery::max_limit)};
  }
  return query;
}

}  // namespace kafka_events::admin
