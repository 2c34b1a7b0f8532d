// Operating the way in: pause, resume, seek, dead letters, redrive. Parse, hand on, reply when the answer comes.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "admin/json.h"
#include "admin/request_body.h"
#include "admin/routes.h"

namespace kafka_events::admin {
namespace {

using namespace std::chrono_literals;

/// A little before the host would answer 504 itself.
std::chrono::steady_clock::time_point deadline_of(const HttpRequest& request) {
  const std::chrono::milliseconds timeout = request.timeout > 0ms ? request.timeout : 30s;
  return std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(timeout * 4 / 5, 10s);
}

HttpReply bad_request(const BodyProblem& bad, std::string_view path) {
  return problem(400, "The request is not right", bad.message, path, bad.field);
}

}  // namespace

void Routes::command(ConsumerAction action, const HttpRequest& request, std::uint64_t exchange) {
  auto parsed = parse_command(action, request.body);
  if (const auto* bad = std::get_if<BodyProblem>(&parsed)) {
    return server_.reply(exchange, bad_request(*bad, request.path));
  }
  std::string worker(request.path_parameter("worker"));
  ReplySink& server = server_;  // it outlives the routes, which the answer may come after
  const Result<void> taken = bridge_.command(
      worker, std::get<ConsumerCommand>(std::move(parsed)), deadline_of(request),
      [&server, exchange, worker, path = request.path](const Result<std::vector<PartitionView>>& partitions) {
        server.reply(exchange, partitions ? HttpReply{.body = to_json(worker, partitions.value())}
                                          : problem_of(partitions.error(), path));
      });
  if (!taken) server_.reply(exchange, problem_of(taken.error(), request.path));
}

/// The only worker need not be named.
bool Routes::find_worker(std::string& worker, const HttpRequest& request, std::uint64_t exchange) {
  if (!worker.empty()) return true;
  const std::vector<std::string> names = bridge_.worker_names();
  if (names.size() == 1) {
    worker = names.front();
    return true;
  }
  std::string there;
  for (const std::string& name : names) there += (there.empty() ? "" : ", ") + name;
  server_.reply(exchange, bad_request({"worker", "\"worker\" is missing; there are: " + there}, request.path));
  return false;
}

void Routes::dead_letters(const HttpRequest& request, std::uint64_t exchange) {
  auto parsed = parse_query(request);
  if (const auto* bad = std::get_if<BodyProblem>(&parsed)) {
    return server_.reply(exchange, bad_request(*bad, request.path));
  }
  auto query = std::get<DeadLetterQuery>(std::move(parsed));
  if (!find_worker(query.worker, request, exchange)) return;
  ReplySink& server = server_;
  const Result<void> taken = bridge_.list_dead_letters(
      std::move(query), deadline_of(request),
      [&server, exchange, path = request.path, redrive = bridge_.last_redrive()](const Result<DeadLetterList>& list) {
        server.reply(exchange,
                     list ? HttpReply{.body = to_json(list.value(), redrive)} : problem_of(list.error(), path));
      });
  if (!taken) server_.reply(exchange, problem_of(taken.error(), request.path));
}

void Routes::redrive(const HttpRequest& request, std::uint64_t exchange) {
  auto parsed = parse_redrive(request.body);
  if (const auto* bad = std::get_if<BodyProblem>(&parsed)) {
    return server_.reply(exchange, bad_request(*bad, request.path));
  }
  auto wanted = std::get<RedriveRequest>(std::move(parsed));
  if (!find_worker(wanted.worker, request, exchange)) return;
  ReplySink& server = server_;
  const Result<void> taken = bridge_.redrive(std::move(wanted), deadline_of(request),
                                             [&server, exchange, path = request.path](const RedriveReport& report) {
                                               server.reply(exchange, redrive_reply(report, path));
                                             });
  if (!taken) server_.reply(exchange, problem_of(taken.error(), request.path));
}

}  // namespace kafka_events::admin
