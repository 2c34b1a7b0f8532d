// Parse and reply; the acting is done by the controller's thread.
#include "admin/routes.h"

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "admin/json.h"
#include "admin/schemas.h"

namespace kafka_events::admin {
namespace {

using namespace std::chrono_literals;

/// Answers a little before the host would answer 504 itself, and never keeps the host's own drain waiting for long.
Controller::Deadline deadline_of(const HttpRequest& request) {
  const std::chrono::milliseconds timeout = request.timeout > 0ms ? request.timeout : 30s;
  return std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(timeout * 4 / 5, 10s);
}

std::string_view text_of(const HttpRequest& request, std::string_view name) {
  const std::string* value = request.parameter(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::vector<RouteParameter> explain_parameters() {
  return {{"topic", "Event topic, such as acapy::webhook::ping", true},
          {"tenant", "Wallet id of the event", false},
          {"key", "Ordering key of the event", false},
          {"payload", "Payload of the event; none: no value", false}};
}

std::vector<RouteParameter> dead_letter_parameters() {
  return {{"worker", "Name of the worker; needed if there are several", false},
          {"limit", "At most so many, 1 to 1000; default 100", false}};
}

}  // namespace

/// One route's handler: turns whatever goes wrong into a problem.
class Routes::Endpoint final : public RequestHandler {
 public:
  Endpoint(Routes& routes, Answer answer) : routes_(routes), answer_(answer) {}

  void on_request(const HttpRequest& request, std::uint64_t exchange) noexcept override {
    try {
      (routes_.*answer_)(request, exchange);
    } catch (const std::exception&) {
      routes_.server_.reply(exchange,
                            {500, "application/problem+json", "{\"title\":\"Internal error\",\"status\":500}"});
    }
  }

 private:
  Routes& routes_;
  const Answer answer_;
};

Routes::Routes(AdminRoutes& server, Controller& controller, BridgeService& bridge)
    : server_(server), controller_(controller), bridge_(bridge) {}

Routes::~Routes() {
  if (!endpoints_.empty()) server_.remove_all();
}

std::vector<Routes::Entry> Routes::entries() {
  const std::string_view idempotent = "Does nothing and succeeds if it is so already.";
  const std::string_view where = "Without a body all partitions, also those that are assigned later.";
  return {
      {{"GET", "/kafka/start", "Start consuming and producing", idempotent, {}, schemas::result}, &Routes::start},
      {{"POST", "/kafka/start", "Start consuming and producing", idempotent, {}, schemas::result}, &Routes::start},
      {{"GET", "/kafka/stop", "Finish what is in flight, then stop", idempotent, {}, schemas::result}, &Routes::stop},
      {{"POST", "/kafka/stop", "Finish what is in flight, then stop", idempotent, {}, schemas::result}, &Routes::stop},
      {{"GET",
        "/kafka/status",
        "State, brokers, producer, workers with their partitions and lag, last errors",
        "",
        {},
        schemas::status},
       &Routes::status},
      {{"GET",
        "/kafka/config",
        "Effective options and the librdkafka properties that they became",
        "Secrets are shown as [secret].",
        {},
        schemas::configuration},
       &Routes::configuration},
      {{"GET", "/kafka/explain", "What would become of an event", "Nothing is sent.", explain_parameters(),
        schemas::explanation},
       &Routes::explain},
      {{"POST",
        "/kafka/consumers/{worker}/pause",
        "Let a worker rest",
        where,
        {},
        schemas::partitions,
        schemas::partition},
       &Routes::pause},
      {{"POST",
        "/kafka/consumers/{worker}/resume",
        "Let a worker go on",
        where,
        {},
        schemas::partitions,
        schemas::partition},
       &Routes::resume},
      {{"POST",
        "/kafka/consumers/{worker}/seek",
        "Read from elsewhere",
        "What is in flight is forgotten; the new position is committed.",
        {},
        schemas::partitions,
        schemas::seek},
       &Routes::seek},
      {{"GET", "/kafka/dead-letters", "The newest dead letters of a worker",
        "What they are and why, never what they hold.", dead_letter_parameters(), schemas::dead_letters},
       &Routes::dead_letters},
      {{"POST",
        "/kafka/dead-letters/redrive",
        "Publish dead letters to their topics again",
        "Answers 202 if it takes longer than the request may; GET /kafka/dead-letters shows how far it is.",
        {},
        schemas::redrive,
        schemas::redrive_request},
       &Routes::redrive},
  };
}

Result<void> Routes::add() {
  if (!endpoints_.empty()) return {};
  std::vector<Entry> all = entries();
  for (Entry& entry : topic_entries()) all.push_back(std::move(entry));
  for (const Entry& entry : all) {
    auto endpoint = std::make_unique<Endpoint>(*this, entry.answer);
    const Result<void> added = server_.add(entry.spec, *endpoint);
    if (!added) {
      server_.remove_all();
      endpoints_.clear();
      return added.error().within(std::string(entry.spec.method) + " " + std::string(entry.spec.path));
    }
    endpoints_.push_back(std::move(endpoint));
  }
  return {};
}

void Routes::control(Command command, const HttpRequest& request, std::uint64_t exchange) {
  const std::string_view result = command == Command::start ? "Kafka plugin started" : "Kafka plugin stopped";
  const Result<void> queued = controller_.submit(
      command, deadline_of(request), [this, exchange, result, path = request.path](const Result<StopCounts>& outcome) {
        server_.reply(exchange, outcome ? HttpReply{200, "application/json", result_json(result)}
                                        : problem_of(outcome.error(), path));
      });
  if (!queued) server_.reply(exchange, problem_of(queued.error(), request.path));
}

void Routes::status(const HttpRequest& /*request*/, std::uint64_t exchange) {
  server_.reply(exchange, {.body = to_json(bridge_.status(), controller_.state(), controller_.reason())});
}

void Routes::configuration(const HttpRequest& /*request*/, std::uint64_t exchange) {
  server_.reply(exchange, {.body = to_json(bridge_.configuration())});
}

void Routes::explain(const HttpRequest& request, std::uint64_t exchange) {
  if (text_of(request, "topic").empty()) {
    return server_.reply(exchange, problem(400, "The parameter topic is missing",
                                           "Write /kafka/explain?topic=acapy::webhook::ping", request.path));
  }
  Event event;
  event.topic = text_of(request, "topic");
  event.tenant = text_of(request, "tenant");
  event.key = text_of(request, "key");
  event.id = "explained";
  event.payload = text_of(request, "payload");
  server_.reply(exchange, {.body = to_json(bridge_.explain(event))});
}

}  // namespace kafka_events::admin
