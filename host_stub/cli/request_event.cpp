#include "cli/request_event.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>
#include <rapidjson/document.h>
#include <re2/re2.h>
#include <unistd.h>

#include "admin/event_parser.h"
#include "admin/text.h"
#include "cli/files.h"

namespace host_stub::cli {
namespace {

constexpr std::size_t payload_bytes = std::size_t{64} << 20;  ///< the host's own limit is lower, and says so
constexpr std::string_view correlation_header = "kafka_correlationId";
constexpr std::string_view timeout_header = "agent-request-timeout-ms";
constexpr std::string_view reply_suffix = "::reply";
constexpr std::string_view timeout_suffix = "::reply_timeout";
constexpr std::string_view undeliverable_suffix = "::undeliverable";

std::string fresh_id() {
  std::random_device random;
  std::array<char, 33> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x%08x%08x", random(), random(), random(), random());
  return text.data();
}

Result<std::string> read_payload(const std::string& source) {
  if (source == "-") return read_descriptor(STDIN_FILENO, "standard input", payload_bytes);
  if (source.starts_with("@")) return read_file(source.substr(1), payload_bytes);
  return source;
}

/// `"name":"text"`, or `"name_base64"` for what is not UTF-8.
void append_field(std::string& json, std::string_view name, std::string_view bytes) {
  json.append(json.back() == '{' ? "\"" : ",\"").append(name);
  if (is_utf8(bytes)) {
    json.append("\":");
    append_json_string(json, bytes);
    return;
  }
  json.append("_base64\":\"");
  append_base64(json, bytes);
  json.push_back('"');
}

void append_header(std::string& json, std::string_view name, std::string_view value) {
  if (json.back() == '}') json.push_back(',');
  json.push_back('{');
  append_field(json, "name", name);
  append_field(json, "value", value);
  json.push_back('}');
}

std::string text_in(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

/// Of "name", or of "name_base64".
std::string bytes_in(const rapidjson::Value& object, const std::string& name) {
  const std::string encoded = text_in(object, (name + "_base64").c_str());
  return encoded.empty() ? text_in(object, name.c_str()) : decode_base64(encoded).value_or("");
}

/// The last one of that name.
std::string header_in(const rapidjson::Value& event, std::string_view name) {
  std::string found;
  const auto headers = event.FindMember("headers");
  if (headers == event.MemberEnd() || !headers->value.IsArray()) return found;
  for (const rapidjson::Value& header : headers->value.GetArray()) {
    if (header.IsObject() && text_in(header, "name") == name) found = bytes_in(header, "value");
  }
  return found;
}

}  // namespace

Result<RequestEvent> make_request(const RequestOptions& options) {
  const Result<std::string> payload = read_payload(options.source);
  if (!payload.ok()) return payload.error();
  if (!is_utf8(options.topic) || !is_utf8(options.tenant.value_or(""))) {
    return Failure{AGENT_E_INVALID, "topic and tenant must be UTF-8"};
  }
  RequestEvent request;
  request.id = fresh_id();
  request.correlation = request.id;
  std::string headers = "[";
  bool given = false;
  for (const auto& [name, value] : options.headers) {
    append_header(headers, name, value);
    if (name == correlation_header) request.correlation = value;
    given = given || name == correlation_header;
  }
  if (!given) append_header(headers, correlation_header, request.correlation);
  append_header(headers, timeout_header, std::to_string(std::chrono::milliseconds(options.timeout).count()));
  request.json.assign(1, '{');
  append_field(request.json, "topic", options.topic);
  append_field(request.json, "id", request.id);
  if (options.tenant) append_field(request.json, "tenant", *options.tenant);
  if (options.key) append_field(request.json, "key", *options.key);
  append_field(request.json, "payload", payload.value());
  request.json.append(",\"headers\":").append(headers).append("]}");
  if (const auto parsed = parse_event(request.json); !parsed.ok()) return parsed.error();
  return request;
}

std::string answer_pattern(std::string_view topic) {
  std::string pattern(1, '^');
  pattern.append(RE2::QuoteMeta(re2::StringPiece(topic.data(), topic.size())));
  return pattern.append("::(reply|reply_timeout|undeliverable)$");
}

std::optional<RequestAnswer> read_answer(std::string_view json, const RequestEvent& request, std::string_view topic) {
  rapidjson::Document event;
  event.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (event.HasParseError() || !event.IsObject()) return std::nullopt;
  const std::string on = text_in(event, "topic");
  if (!on.starts_with(topic)) return std::nullopt;
  const std::string_view suffix = std::string_view(on).substr(topic.size());
  RequestAnswer answer;
  if (suffix == undeliverable_suffix) {
    if (header_in(event, "event-id") != request.id) return std::nullopt;
    answer.kind = AnswerKind::undeliverable;
  } else {
    if (header_in(event, correlation_header) != request.correlation) return std::nullopt;
    if (suffix != reply_suffix && suffix != timeout_suffix) return std::nullopt;
    answer.kind = suffix == reply_suffix ? AnswerKind::reply : AnswerKind::timeout;
  }
  answer.json = json;
  answer.payload = bytes_in(event, "payload");
  answer.reason = header_in(event, "reason");
  return answer;
}

}  // namespace host_stub::cli
