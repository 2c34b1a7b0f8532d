#include "cli/batch_sender.h"

#include <algorithm>
#include <rapidjson/document.h>
#include <utility>

#include "agent_plugin/status.h"

#include "cli/interrupt.h"
#include "cli/tables.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_backoff{20};
constexpr milliseconds longest_backoff{1000};
constexpr std::chrono::seconds patience{60};
constexpr milliseconds result_timeout{120'000};

std::uint64_t number_in(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject()) return 0;
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsUint64() ? member->value.GetUint64() : 0;
}

std::string text_in(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

rapidjson::Document parsed(const std::string& body) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (document.HasParseError()) document.SetObject();
  return document;
}

}  // namespace

BatchSender::BatchSender(HttpClient& client, const std::string& source_name, bool wait, OnResult on_result)
    : client_(client), source_name_(source_name), wait_(wait), on_result_(std::move(on_result)) {}

Result<void> BatchSender::send(const std::vector<EventLine>& lines) {
  milliseconds backoff = first_backoff;
  steady_clock::time_point progress = steady_clock::now();
  for (std::size_t begin = 0; begin < lines.size();) {
    const Result<std::size_t> taken = send_once(lines, begin);
    if (!taken.ok()) return taken.error();
    begin += taken.value();
    if (begin >= lines.size()) break;
    ++counts_.busy_retried;
    if (taken.value() > 0) {
      backoff = first_backoff;
      progress = steady_clock::now();
    } else if (steady_clock::now() - progress > patience) {
      return Failure{AGENT_E_BUSY, "the host is busy for a minute; given up"};
    }
    if (!Interrupt::sleep(backoff)) return Failure{AGENT_E_STATE, "interrupted"};
    backoff = std::min(backoff * 2, longest_backoff);
  }
  return {};
}

Result<std::size_t> BatchSender::send_once(const std::vector<EventLine>& lines, std::size_t begin) {
  HttpQuestion question;
  question.method = "POST";
  question.content_type = "application/x-ndjson";
  question.target = "/events";
  if (wait_) {
    question.target += "?wait=1&timeout_ms=" + std::to_string(result_timeout.count());
    question.timeout = result_timeout + std::chrono::seconds(5);
  }
  for (std::size_t index = begin; index < lines.size(); ++index) {
    question.body += lines[index].text;
    question.body += '\n';
  }
  const Result<HttpAnswer> answer = client_.request(question);
  if (!answer.ok()) {
    const bool sent = answer.error().status != AGENT_E_NOT_FOUND;
    if (sent) counts_.unknown += lines.size() - begin;
    return answer.error();
  }
  const int status = answer.value().status;
  if (status == 200 || status == 202 || status == 503 || status == 504) {
    const std::size_t taken = account(answer.value(), lines, begin);
    const bool complete = status == 503 || taken == lines.size() - begin;
    if (complete) return taken;
  }
  return refused(answer.value(), lines, begin);
}

std::size_t BatchSender::account(const HttpAnswer& answer, const std::vector<EventLine>& lines, std::size_t begin) {
  const rapidjson::Document document = parsed(answer.body);
  const std::size_t taken = std::min<std::size_t>(number_in(document, "accepted"), lines.size() - begin);
  counts_.published += taken;
  counts_.pending += number_in(document, "pending");
  const auto results = document.FindMember("results");
  if (results == document.MemberEnd() || !results->value.IsArray()) {
    counts_.done += number_in(document, "done");
    counts_.failed += number_in(document, "failed") + number_in(document, "busy");
    return taken;
  }
  for (rapidjson::SizeType index = 0; index < results->value.Size() && index < taken; ++index) {
    const rapidjson::Value& result = results->value[index];
    if (!result.IsObject()) continue;
    const std::uint64_t handlers = number_in(result, "handlers");
    const std::string outcome = text_in(result, "outcome");
    ++(outcome == "done" ? counts_.done : counts_.failed);
    if (handlers == 0) ++counts_.unheard;
    on_result_({lines[begin + index].number, text_in(result, "id"), text_in(result, "topic"), outcome,
                text_in(result, "detail"), handlers});
  }
  return taken;
}

Failure BatchSender::refused(const HttpAnswer& answer, const std::vector<EventLine>& lines, std::size_t begin) const {
  const std::int32_t status = answer.status == 413                          ? AGENT_E_TOO_LARGE
                              : answer.status >= 400 && answer.status < 500 ? AGENT_E_INVALID
                                                                            : AGENT_E_FAILED;
  const rapidjson::Document document = parsed(answer.body);
  const auto errors = document.FindMember("errors");
  if (errors == document.MemberEnd() || !errors->value.IsArray() || errors->value.Empty()) {
    return Failure{status, problem_in_words(answer.status, answer.body)};
  }
  std::string message;
  for (const rapidjson::Value& error : errors->value.GetArray()) {
    const std::uint64_t line = std::max<std::uint64_t>(1, number_in(error, "line"));
    const std::size_t index = std::min<std::size_t>(begin + line - 1, lines.size() - 1);
    if (!message.empty()) message += '\n';
    message += source_name_ + ":" + std::to_string(lines[index].number) + ": ";
    message += error.IsObject() ? text_in(error, "reason") : "refused";
  }
  return Failure{status, message};
}

}  // namespace host_stub::cli
