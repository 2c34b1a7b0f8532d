// Checks, publishes, collects.
#include "admin/publish_job.h"

#include <utility>

#include "admin/event_parser.h"
#include "admin/problem.h"
#include "admin/text.h"
#include "bus/event_bus.h"

namespace host_stub {
namespace {

constexpr std::size_t lines_per_step = 256;
constexpr std::size_t max_listed_faults = 100;
constexpr std::size_t max_awaited_events = 100'000;  // their results are held in memory

int status_of(std::int32_t code) noexcept {
  switch (code) {
    case AGENT_E_BUSY:
    case AGENT_E_STATE:
      return 503;
    case AGENT_E_INVALID:
      return 400;
    case AGENT_E_TOO_LARGE:
      return 413;
    default:
      return 500;
  }
}

std::string_view outcome_name(std::int32_t outcome) noexcept {
  return outcome == AGENT_OUTCOME_DONE ? "done" : outcome == AGENT_OUTCOME_BUSY ? "busy" : "failed";
}

}  // namespace

PublishJob::PublishJob(EventBus& bus, Request request, Reply reply)
    : bus_(bus),
      request_(std::move(request)),
      reply_(std::move(reply)),
      line_by_line_(is_line_by_line(request_.content_type, request_.body)),
      lines_(request_.body, line_by_line_) {}

bool PublishJob::step() {
  for (std::size_t count = 0; count < lines_per_step && phase_ != Phase::finished; ++count) {
    const auto line = lines_.next();
    if (phase_ == Phase::checking && line) {
      check(*line);
    } else if (phase_ == Phase::checking) {
      end_of_check();
    } else if (!line || !publish(*line)) {
      end_of_publishing();
    }
  }
  return phase_ != Phase::finished;
}

void PublishJob::check(const EventLines::Line& line) {
  ++events_;
  std::string fault;
  const auto parsed = parse_event(line.text);
  if (!parsed) {
    fault = parsed.error().message;
  } else if (parsed.value().payload && parsed.value().payload->size() > request_.max_payload_bytes) {
    too_large_ = true;
    fault = "the payload has " + std::to_string(parsed.value().payload->size()) + " bytes; the limit is " +
            std::to_string(request_.max_payload_bytes);
  }
  if (fault.empty() || ++faults_ > max_listed_faults) return;
  fault_list_ += (faults_ > 1 ? ",{\"line\":" : "{\"line\":") + std::to_string(line.number) + ",\"reason\":";
  append_json_string(fault_list_, fault);
  fault_list_ += '}';
}

void PublishJob::end_of_check() {
  phase_ = Phase::finished;
  if (events_ == 0) {
    reply_(problem(400, "the body is empty: send one JSON event, or one a line", request_.path));
  } else if (faults_ > 0) {
    const std::string members =
        "\"accepted\":0,\"error_count\":" + std::to_string(faults_) + ",\"errors\":[" + fault_list_ + "]";
    const std::string detail = std::to_string(faults_) + " of " + std::to_string(events_) +
                               " events cannot be published, so none was; \"errors\" says why, line by line";
    reply_(problem(too_large_ ? 413 : 400, detail, request_.path, members));
  } else if (request_.wait && events_ > max_awaited_events) {
    reply_(problem(413, "with wait=1 at most " + std::to_string(max_awaited_events) + " events go into one request",
                   request_.path, "\"accepted\":0"));
  } else {
    if (request_.wait) outcomes_.resize(events_);
    self_ = shared_from_this();
    lines_ = EventLines(request_.body, line_by_line_);
    phase_ = Phase::publishing;
  }
}

bool PublishJob::publish(const EventLines::Line& line) {
  auto parsed = parse_event(line.text);
  EventFields& event = parsed.value();  // it was checked
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = this;
  completion.cookie = offered_;
  completion.completed = &PublishJob::on_completed;
  if (request_.wait) {
    if (event.id.empty()) event.id = request_.id_prefix + std::to_string(offered_);
    outcomes_[offered_].id = event.id;
    outcomes_[offered_].topic = event.topic;
    outstanding_.fetch_add(1, std::memory_order_relaxed);
  }
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t code =
      bus_.publish(borrow_draft(event, header_array_), 0, request_.wait ? &completion : nullptr, nullptr, &error);
  if (request_.wait && (code == AGENT_OK || code == AGENT_E_BUSY)) ++offered_;
  if (code == AGENT_OK) {
    accepted_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  if (request_.wait && code != AGENT_E_BUSY) outstanding_.fetch_sub(1, std::memory_order_relaxed);
  refuse(status_of(code), line.number, code == AGENT_E_BUSY ? "a handler's queue is full" : error.message);
  return false;
}

void PublishJob::refuse(int status, std::size_t line, std::string_view why) {
  refused_status_ = status;
  refused_why_ = "line " + std::to_string(line) + " was not taken: " + std::string(why) + "; " +
                 std::to_string(accepted_.load()) + " of " + std::to_string(events_) +
                 " events were, send the rest again from this line on";
}

void PublishJob::end_of_publishing() {
  phase_ = Phase::finished;
  one_less();
}

void PublishJob::cut_off() {
  if (phase_ == Phase::finished) return;
  refused_status_ = 503;
  refused_why_ = "the host is ending, or too many requests publish at once; " + std::to_string(accepted_.load()) +
                 " events of this one were taken";
  if (phase_ == Phase::publishing) return end_of_publishing();
  phase_ = Phase::finished;
  answer();
}

void PublishJob::on_completed(void* context, std::uint64_t cookie, const agent_event_result* result) {
  auto& job = *static_cast<PublishJob*>(context);
  Outcome& outcome = job.outcomes_[cookie];
  outcome.outcome = result->outcome;
  outcome.handlers = result->handlers;
  if (result->detail.data != nullptr) outcome.detail.assign(result->detail.data, result->detail.size);
  auto& counter = result->outcome == AGENT_OUTCOME_DONE   ? job.done_
                  : result->outcome == AGENT_OUTCOME_BUSY ? job.busy_
                                                          : job.failed_;
  counter.fetch_add(1, std::memory_order_relaxed);
  job.one_less();
}

void PublishJob::one_less() {
  if (outstanding_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::shared_ptr<PublishJob> self = std::move(self_);  // the last use of this object
  answer();
}

std::string PublishJob::counts() const {
  std::string text = "\"accepted\":" + std::to_string(accepted_.load());
  if (!request_.wait) return text;
  text += ",\"done\":" + std::to_string(done_.load()) + ",\"failed\":" + std::to_string(failed_.load()) +
          ",\"busy\":" + std::to_string(busy_.load());
  return text;
}

std::string PublishJob::results() const {
  std::string text = ",\"results\":[";
  for (std::size_t index = 0; index < offered_; ++index) {
    const Outcome& outcome = outcomes_[index];
    text += index == 0 ? "{\"id\":" : ",{\"id\":";
    append_json_string(text, outcome.id);
    text += ",\"topic\":";
    append_json_string(text, outcome.topic);
    text.append(",\"outcome\":\"").append(outcome_name(outcome.outcome)).append("\",\"detail\":");
    append_json_string(text, is_utf8(outcome.detail) ? outcome.detail : "(not UTF-8)");
    text += ",\"handlers\":" + std::to_string(outcome.handlers) + "}";
  }
  return text + "]";
}

void PublishJob::answer() {
  const std::string members = request_.wait ? counts() + results() : counts();
  HttpReply reply;
  if (refused_status_ != 0) {
    reply = problem(refused_status_, refused_why_, request_.path, members);
    if (refused_status_ == 503) reply.headers.push_back({"Retry-After", "1"});
  } else {
    reply.status = request_.wait ? 200 : 202;
    reply.body = "{" + members + "}";
  }
  reply_(std::move(reply));
}

HttpReply PublishJob::overdue() const {
  const std::size_t accepted = accepted_.load();
  if (!request_.wait) {
    return problem(504, "publishing takes long and goes on; \"accepted\" says how many events were taken by now",
                   request_.path, counts());
  }
  const std::size_t known = done_.load() + failed_.load() + busy_.load();
  return problem(504, "the events were taken as far as \"accepted\" says, but not all have a result yet", request_.path,
                 counts() + ",\"pending\":" + std::to_string(accepted > known ? accepted - known : 0));
}

}  // namespace host_stub
