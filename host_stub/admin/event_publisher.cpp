// Takes POST /events apart into steps on its own thread.
#include "admin/event_publisher.h"

#include <charconv>
#include <functional>
#include <optional>
#include <random>
#include <utility>

#include "admin/problem.h"
#include "admin/route_table.h"

namespace host_stub {
namespace {

constexpr std::size_t max_requests = 64;
constexpr std::int64_t default_wait_ms = 30'000;
constexpr std::int64_t max_wait_ms = 600'000;

std::optional<bool> wait_of(const HttpCall& call) {
  const std::string* text = call.query("wait");
  if (text == nullptr || *text == "0" || *text == "false") return false;
  if (*text == "1" || *text == "true") return true;
  return std::nullopt;
}

std::optional<std::int64_t> wait_ms_of(const HttpCall& call) {
  const std::string* text = call.query("timeout_ms");
  if (text == nullptr) return default_wait_ms;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  if (!whole || value < 1 || value > max_wait_ms) return std::nullopt;
  return value;
}

/// A job's place in the queue. Dropped without having been taken (the queue is full, or ends), it ends the job.
struct Turn {
  std::shared_ptr<PublishJob> job;
  explicit Turn(std::shared_ptr<PublishJob> next) : job(std::move(next)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (job != nullptr) job->cut_off();
  }
};

/// One step, then the next one behind what other requests have to do.
void advance(const std::shared_ptr<CallQueue>& queue, Turn& turn) {
  const std::shared_ptr<PublishJob> job = std::move(turn.job);
  if (!job->step()) return;
  queue->post_next_step([queue, next = std::make_shared<Turn>(job)] { advance(queue, *next); });
}

std::string random_prefix() {
  constexpr std::string_view hex = "0123456789abcdef";
  std::random_device random;
  std::string prefix = "admin-";
  for (int digit = 0; digit < 16; ++digit) prefix += hex[random() & 15u];
  return prefix + "-";
}

}  // namespace

EventPublisher::EventPublisher(EventBus& bus, RouteTable& routes, std::size_t max_payload_bytes)
    : bus_(bus),
      routes_(routes),
      max_payload_bytes_(max_payload_bytes),
      id_prefix_(random_prefix()),
      link_(std::make_shared<Link>()),
      queue_(std::make_shared<CallQueue>("admin-publish", max_requests)) {
  link_->routes = &routes;
}

EventPublisher::~EventPublisher() {
  stop(std::chrono::seconds(1));
  const std::lock_guard lock(link_->mutex);
  link_->routes = nullptr;
}

Result<void> EventPublisher::start() { return queue_->start(); }

bool EventPublisher::stop(std::chrono::milliseconds deadline) { return queue_->stop(deadline); }

PublishJob::Request EventPublisher::request_of(HttpCall& call, bool wait) {
  const std::lock_guard lock(mutex_);
  return {call.path, std::move(call.body), call.content_type,
          wait,      max_payload_bytes_,   id_prefix_ + std::to_string(++requests_) + "-"};
}

void EventPublisher::handle(HttpCall& call, std::uint64_t exchange) {
  const auto wait = wait_of(call);
  if (!wait || !wait_ms_of(call)) {
    const std::string why =
        wait ? "timeout_ms is a whole number from 1 to " + std::to_string(max_wait_ms) : "wait is 0 or 1";
    routes_.respond(exchange, problem(400, why, call.path));
    return;
  }
  auto reply = [link = link_, exchange](HttpReply answer) {
    const std::lock_guard lock(link->mutex);
    if (link->routes != nullptr) link->routes->respond(exchange, std::move(answer));
  };
  auto job = std::make_shared<PublishJob>(bus_, request_of(call, *wait), std::move(reply));
  routes_.on_expiry(exchange, [job] { return job->overdue(); });
  queue_->post([queue = queue_, first = std::make_shared<Turn>(std::move(job))] { advance(queue, *first); });
}

std::chrono::milliseconds EventPublisher::timeout_of(const HttpCall& call) {
  if (!wait_of(call).value_or(false)) return call.timeout;
  return std::chrono::milliseconds(wait_ms_of(call).value_or(default_wait_ms));
}

}  // namespace host_stub
