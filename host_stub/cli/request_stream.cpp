#include "cli/request_stream.h"

#include <cstdio>
#include <pthread.h>
#include <utility>

#include "cli/exit_status.h"
#include "cli/sse_reader.h"
#include "cli/tables.h"
#include "cli/url.h"

namespace host_stub::cli {

RequestStream::RequestStream(std::unique_ptr<HttpClient> client, const RequestOptions& options,
                             const RequestEvent& request)
    : client_(std::move(client)), options_(options), request_(request) {}

RequestStream::~RequestStream() {
  closing_ = true;
  if (thread_.joinable()) thread_.join();
}

void RequestStream::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "cli-answers");
    listen();
  });
}

void RequestStream::listen() {
  SseReader reader([this](std::string_view event, std::string_view data) { take(event, data); });
  const std::string target = "/events?pattern=" + percent_encode(answer_pattern(options_.topic));
  const Result<HttpAnswer> answer = client_->stream(target, [&](std::string_view piece) {
    {
      const std::lock_guard lock(mutex_);
      connected_ = true;  // the first thing that comes is the comment that says so
    }
    changed_.notify_all();
    reader.feed(piece);
    return !ended_ && !closing_;
  });
  if (closing_ || ended_) return;
  if (!answer.ok()) return fail({exit_failure, answer.error().message});
  const int status = answer.value().status;
  if (status != 200) return fail({exit_status_of_answer(status), problem_in_words(status, answer.value().body)});
  fail({exit_failure, "the host ended while the answer was awaited"});
}

void RequestStream::take(std::string_view event, std::string_view data) {
  if (event == "lagged") {
    std::fprintf(stderr, "host_stub: some events were missed, perhaps the answer among them\n");
    return;
  }
  if (event != "message" || ended_) return;
  auto answer = read_answer(data, request_, options_.topic);
  if (!answer) return;
  {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    ended_ = true;
  }
  changed_.notify_all();
}

void RequestStream::fail(StreamEnd end) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(end);
    ended_ = true;
  }
  changed_.notify_all();
}

bool RequestStream::wait_connected(Time until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return connected_ || ended_; });
  return connected_;
}

void RequestStream::wait(Time until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return ended_.load(); });
}

std::optional<RequestAnswer> RequestStream::answer() const {
  const std::lock_guard lock(mutex_);
  return answer_;
}

std::optional<StreamEnd> RequestStream::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace host_stub::cli
