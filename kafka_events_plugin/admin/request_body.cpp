// RapidJSON's tree, read without recursion; every unknown or wrong field is named.
#include "admin/request_body.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

namespace kafka_events::admin {
namespace {

constexpr std::size_t max_body_bytes = 64U << 10U;
constexpr std::size_t max_text_bytes = 1024;

std::string quoted(std::string_view text) { return std::string("\"").append(text).append("\""); }

/// An object's fields, taken one by one; the first thing that is wrong is kept.
class Body {
 public:
  Body(std::string_view text, std::initializer_list<std::string_view> known) { read(text, known); }

  [[nodiscard]] const rapidjson::Value* find(const char* name) const {
    if (problem_ || !document_.IsObject()) return nullptr;
    const auto found = document_.FindMember(name);
    return found == document_.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
  }

  std::optional<std::string> text(const char* name) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->IsString() || value->GetStringLength() == 0 || value->GetStringLength() > max_text_bytes) {
      refuse(name, "must be a text of 1 to " + std::to_string(max_text_bytes) + " bytes");
      return std::nullopt;
    }
    return std::string(value->GetString(), value->GetStringLength());
  }

  std::optional<std::int64_t> number(const char* name, std::int64_t lowest, std::int64_t highest) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->IsInt64() || value->GetInt64() < lowest || value->GetInt64() > highest) {
      refuse(name, "must be a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
      return std::nullopt;
    }
    return value->GetInt64();
  }

  void refuse(std::string_view field, std::string message) {
    if (!field.empty()) message = quoted(field) + " " + message;
    if (!problem_) problem_ = BodyProblem{std::string(field), std::move(message)};
  }
  [[nodiscard]] const std::optional<BodyProblem>& problem() const { return problem_; }

 private:
  void read(std::string_view text, std::initializer_list<std::string_view> known) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) text = "{}";
    if (text.size() > max_body_bytes) return refuse("", "the body is longer than 64 KiB");
    constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
    document_.Parse<flags>(text.data(), text.size());
    if (document_.HasParseError()) {
      return refuse("", std::string("the body is not JSON: ") + rapidjson::GetParseError_En(document_.GetParseError()) +
                            " at offset " + std::to_string(document_.GetErrorOffset()));
    }
    if (!document_.IsObject()) return refuse("", "the body must be a JSON object");
    for (const auto& member : document_.GetObject()) {
      const std::string_view name(member.name.GetString(), member.name.GetStringLength());
      if (std::ranges::find(known, name) != known.end()) continue;
      std::string fields;
      for (const std::string_view each : known) fields += (fields.empty() ? "" : ", ") + std::string(each);
      return refuse(name, "is not known; there are: " + fields);
    }
  }

  rapidjson::Document document_;
  std::optional<BodyProblem> problem_;
};

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
