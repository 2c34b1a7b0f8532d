#include "cli/request.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <rapidjson/document.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/interrupt.h"
#include "cli/request_stream.h"
#include "cli/tables.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds tick{100};
constexpr milliseconds first_backoff{20};
constexpr milliseconds longest_backoff{500};
/// The host looks at the deadline itself, and tells; after that long it has forgotten to, or never knew that it is a request.
constexpr milliseconds grace{2'000};

/// What is told of it, and the status for the shell.
struct Told {
  int status = exit_failure;
  std::string message;  ///< empty: nothing went wrong
};

/// "waiting for an answer" on a terminal, nothing elsewhere.
class Spinner {
 public:
  Spinner() : shown_(isatty(STDERR_FILENO) == 1), began_(steady_clock::now()) {}
  ~Spinner() {
    if (drawn_) std::fprintf(stderr, "\r\033[K");
  }
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

  void turn() {
    if (!shown_) return;
    constexpr std::string_view marks = "|/-\\";
    const auto elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began_).count();
    std::fprintf(stderr, "\r\033[K%c waiting for an answer, %lld.%lld s", marks[turns_++ % marks.size()],
                 static_cast<long long>(elapsed / 1000), static_cast<long long>(elapsed % 1000 / 100));
    std::fflush(stderr);
    drawn_ = true;
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::size_t turns_ = 0;
  steady_clock::time_point began_;
};

std::string seconds(const RequestOptions& options) { return std::to_string(options.timeout.count()) + " s"; }

/// Of POST /events?wait=1.
struct Posted {
  std::optional<Told> told;  ///< none: the answer may still come
  std::string busy;          ///< why it was not taken, and is to be published again; empty: it was
};

Posted read_result(const HttpAnswer& posted) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(posted.body.data(), posted.body.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  const auto results = document.FindMember("results");
  if (results == document.MemberEnd() || !results->value.IsArray() || results->value.Empty()) return {};
  const rapidjson::Value& result = results->value[0];
  if (!result.IsObject()) return {};
  const auto handlers = result.FindMember("handlers");
  if (handlers != result.MemberEnd() && handlers->value.IsUint64() && handlers->value.GetUint64() == 0) {
    return {Told{exit_failure, "nobody takes events of this topic; does a route of the configuration match it?"}, {}};
  }
  const auto detail = result.FindMember("detail");
  const bool said = detail != result.MemberEnd() && detail->value.IsString() && detail->value.GetStringLength() > 0;
  const std::string why = said ? detail->value.GetString() : "its handler did not take it";
  const auto outcome = result.FindMember("outcome");
  const std::string_view word =
      outcome != result.MemberEnd() && outcome->value.IsString() ? outcome->value.GetString() : "";
  if (word == "busy") return {{}, why};
  if (word == "failed") return {Told{exit_failure, "the request was not delivered: " + why}, {}};
  return {};
}

/// Publishes it, again and again while the host is busy. Nothing to tell: it was taken, or the answer is there.
std::optional<Told> publish(HttpClient& client, const RequestEvent& request, const RequestStream& stream,
                            steady_clock::time_point deadline) {
  milliseconds backoff = first_backoff;
  std::string busy = "the host did not take the request";
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    if (left <= milliseconds(0)) return Told{exit_failure, busy + "; given up"};
    HttpQuestion question{"POST", "/events?wait=1&timeout_ms=" + std::to_string(left.count()), "application/x-ndjson",
                          request.json + "\n", left + grace};
    const Result<HttpAnswer> posted = client.request(question);
    if (Interrupt::asked()) return Told{exit_interrupted, "interrupted"};
    if (stream.ended()) return std::nullopt;
    if (!posted.ok()) return Told{exit_failure, posted.error().message};
    const int status = posted.value().status;
    if (status != 200 && status != 202 && status != 503 && status != 504) {
      return Told{exit_status_of_answer(status), problem_in_words(status, posted.value().body)};
    }
    Posted result = read_result(posted.value());
    if (status != 503 && result.busy.empty()) return result.told;
    busy = "the host did not take the request: " +
           (result.busy.empty() ? problem_in_words(status, posted.value().body) : result.busy);
    if (!Interrupt::sleep(std::min(backoff, left))) return Told{exit_interrupted, "interrupted"};
    backoff = std::min(backoff * 2, longest_backoff);
  }
}

void print(const RequestAnswer& answer, OutputFormat format) {
  const std::string& data = format == OutputFormat::json ? answer.json : answer.payload;
  std::fwrite(data.data(), 1, data.size(), stdout);
  const bool line_end = format == OutputFormat::json || (isatty(STDOUT_FILENO) == 1 && !data.ends_with('\n'));
  if (line_end) std::fputc('\n', stdout);
  std::fflush(stdout);
}

Told tell(const RequestAnswer& answer, const RequestOptions& options) {
  if (answer.kind == AnswerKind::reply) {
    print(answer, options.format);
    return {exit_ok, {}};
  }
  if (answer.kind == AnswerKind::undeliverable)
    return {exit_failure, "the request was not delivered: " + answer.reason};
  return {exit_partial, answer.reason.empty() ? "no answer came within " + seconds(options)
                                              : "no answer will come: " + answer.reason};
}

Told wait_for_answer(RequestStream& stream, const RequestOptions& options, steady_clock::time_point deadline) {
  Spinner spinner;
  while (!stream.ended() && !Interrupt::asked() && steady_clock::now() < deadline + grace) {
    spinner.turn();
    stream.wait(std::min(steady_clock::now() + tick, deadline + grace));
  }
  if (const auto answer = stream.answer()) return tell(*answer, options);
  if (Interrupt::asked()) return {exit_interrupted, "interrupted"};  // which ends the stream as well
  if (const auto failure = stream.failure()) return {failure->exit_status, failure->message};
  return {exit_partial, "no answer came within " + seconds(options) +
                            "; is there a route with reply_to for this topic? (host_stub explain)"};
}

Told ask(RequestStream& stream, HttpClient& client, const RequestEvent& request, const RequestOptions& options) {
  const steady_clock::time_point deadline = steady_clock::now() + options.timeout;
  stream.start();
  if (!stream.wait_connected(deadline)) {
    if (Interrupt::asked()) return {exit_interrupted, "interrupted"};
    const auto failure = stream.failure();
    return failure ? Told{failure->exit_status, failure->message} : Told{exit_failure, "the host does not answer"};
  }
  if (const auto refused = publish(client, request, stream, deadline)) return *refused;
  return wait_for_answer(stream, options, deadline);
}

int tell_usage(const Failure& failure) {
  std::fprintf(stderr, "host_stub: %s\n", failure.message.c_str());
  return exit_usage;
}

}  // namespace

int run_request(const RequestOptions& options) {
  const Interrupt interrupt;
  const Result<RequestEvent> request = make_request(options);
  if (!request.ok()) return tell_usage(request.error());
  RequestStream* listening = nullptr;
  auto for_stream = HttpClient::create(options.client.admin_url, options.client.api_key,
                                       [&] { return listening->closing() || Interrupt::asked(); });
  if (!for_stream.ok()) return tell_usage(for_stream.error());
  RequestStream stream(std::move(for_stream).value(), options, request.value());
  listening = &stream;
  auto client = HttpClient::create(options.client.admin_url, options.client.api_key,
                                   [&] { return stream.ended() || Interrupt::asked(); });
  if (!client.ok()) return tell_usage(client.error());
  const Told told = ask(stream, *client.value(), request.value(), options);
  if (!told.message.empty()) std::fprintf(stderr, "host_stub: %s\n", told.message.c_str());
  return told.status;
}

}  // namespace host_stub::cli
