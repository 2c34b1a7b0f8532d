#include "cli/demo_requests.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "cli/progress.h"
#include "core/abi_text.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view correlation_header = "kafka_correlationId";
constexpr std::string_view correlation_prefix = "demo-question-";
constexpr std::size_t at_a_time = 8;
constexpr milliseconds turn{5};
constexpr milliseconds busy_pause{10};
/// The embedded Kafka takes seconds to let a group begin; after that an answer takes milliseconds.
constexpr milliseconds patience{15'000};

agent_bytes octets(std::string_view text) { return {text.data(), text.size()}; }
std::string_view octets(agent_bytes bytes) {
  return bytes.size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}

std::string_view header(const agent_event& event, std::string_view name) noexcept {
  for (std::uint32_t index = 0; index < event.header_count; ++index) {
    if (to_view(event.headers[index].name) == name) return octets(event.headers[index].value);
  }
  return {};
}

std::string payload_of(std::size_t number) { return R"({"question":)" + std::to_string(number) + "}"; }

std::string milliseconds_text(std::chrono::microseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", static_cast<double>(time.count()) / 1000);
  return text.data();
}

}  // namespace

DemoAnswers DemoRequests::run(std::size_t count, StopSignals& signals) {
  {
    const std::lock_guard lock(mutex_);
    questions_.assign(count, {});
  }
  const agent_text pattern = to_text("^demo::ask::(reply|reply_timeout|undeliverable)$");
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = 1;
  subscription.patterns = &pattern;
  subscription.name = to_text("host.demo.answers");
  subscription.context = this;
  subscription.on_event = [](void* context, const agent_event* event) -> std::int32_t {
    static_cast<DemoRequests*>(context)->on_event(*event);
    return AGENT_HANDLER_DONE;
  };
  std::uint64_t token = 0;
  agent_error error = AGENT_ERROR_INIT;
  if (host_.bus().subscribe(subscription, 0, &token, &error) != AGENT_OK) return {count, 0, 0, {}, {}, error.message};
  bool go_on = true;
  for (std::size_t number = 0; go_on && number < count; ++number) {
    go_on = wait_for_room(at_a_time - 1, signals) && ask(number, signals);
  }
  if (go_on) (void)wait_for_room(0, signals);
  host_.bus().unsubscribe(token);
  return this->count();
}

/// Again and again while the bridge cannot read answers yet. False: it cannot be asked at all.
bool DemoRequests::ask(std::size_t number, StopSignals& signals) {
  const std::string id = std::string(correlation_prefix) + std::to_string(number);
  const std::string payload = payload_of(number);
  const agent_header correlation{to_text(correlation_header), octets(id)};
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = to_text(demo_request_topic);
  draft.content_type = to_text("application/json");
  draft.payload = octets(payload);
  draft.headers = &correlation;
  draft.header_count = 1;
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = this;
  completion.cookie = number;
  completion.completed = [](void* context, std::uint64_t cookie, const agent_event_result* result) {
    static_cast<DemoRequests*>(context)->on_published(static_cast<std::size_t>(cookie), *result);
  };
  const Time give_up = steady_clock::now() + patience;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      questions_[number] = {steady_clock::now()};
      ++open_;
    }
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t status = host_.bus().publish(draft, 0, &completion, nullptr, &error);
    {
      const std::lock_guard lock(mutex_);
      const bool busy = status == AGENT_E_BUSY || questions_[number].busy;
      if (status == AGENT_OK && !busy) return true;
      --open_;
      if (!busy || steady_clock::now() >= give_up) {
        if (trouble_.empty()) trouble_ = error.message;
        return false;
      }
    }
    if (signals.wait(busy_pause) == StopSignals::Event::stop) return false;
  }
}

void DemoRequests::on_published(std::size_t number, const agent_event_result& result) {
  const std::lock_guard lock(mutex_);
  if (result.outcome == AGENT_OUTCOME_BUSY) questions_[number].busy = true;
  if (result.outcome != AGENT_OUTCOME_FAILED && result.handlers > 0) return;
  if (!std::exchange(questions_[number].ended, true)) --open_;
  if (trouble_.empty()) trouble_ = result.handlers == 0 ? "no route takes questions" : to_view(result.detail);
}

bool DemoRequests::wait_for_room(std::size_t most, StopSignals& signals) {
  const Time give_up = steady_clock::now() + patience;
  while (steady_clock::now() < give_up) {
    {
      const std::lock_guard lock(mutex_);
      if (open_ <= most) return true;
    }
    if (signals.wait(turn) == StopSignals::Event::stop) return false;
  }
  return false;
}

void DemoRequests::on_event(const agent_event& event) {
  std::string_view id = header(event, correlation_header);
  if (id.empty()) id = header(event, "event-id");
  std::size_t number = 0;
  if (!id.starts_with(correlation_prefix)) return;
  id.remove_prefix(correlation_prefix.size());
  if (std::from_chars(id.data(), id.data() + id.size(), number).ec != std::errc()) return;
  take(to_view(event.topic), number, octets(event.payload), header(event, "reason"));
}

void DemoRequests::take(std::string_view topic, std::size_t number, std::string_view payload, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (number >= questions_.size()) return;
  Question& question = questions_[number];
  if (!std::exchange(question.ended, true)) --open_;
  if (!topic.ends_with("::reply")) {
    if (trouble_.empty()) trouble_ = reason.empty() ? "no answer came in time" : reason;
    return;
  }
  question.took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - question.asked);
  question.changed = question.changed || payload != payload_of(number);
  ++question.answers;
}

DemoAnswers DemoRequests::count() const {
  const std::lock_guard lock(mutex_);
  DemoAnswers answers;
  answers.asked = questions_.size();
  answers.trouble = trouble_;
  std::vector<std::chrono::microseconds> times;
  for (const Question& question : questions_) {
    if (question.answers == 0) continue;
    const bool good = question.answers == 1 && !question.changed;
    ++(good ? answers.answered_once : answers.wrong);
    times.push_back(question.took);
  }
  std::ranges::sort(times);
  if (times.empty()) return answers;
  answers.p50 = times[times.size() / 2];
  answers.p99 = times[times.size() * 99 / 100];
  return answers;
}

std::string in_words(const DemoAnswers& answers) {
  std::string text = with_thousands(answers.answered_once) + " of " + with_thousands(answers.asked) +
                     " requests were answered once, through Kafka";
  if (answers.answered_once > 0) {
    text += ": p50 " + milliseconds_text(answers.p50) + ", p99 " + milliseconds_text(answers.p99);
  }
  return text;
}

}  // namespace host_stub::cli
