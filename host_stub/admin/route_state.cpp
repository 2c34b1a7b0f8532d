// Requests on their way to a handler and back.
#include "admin/route_state.h"

#include "admin/problem.h"

namespace host_stub {
namespace {

HttpReply not_allowed(std::vector<std::string> allowed, const HttpCall& call) {
  if (std::ranges::find(allowed, "GET") != allowed.end()) allowed.emplace_back("HEAD");
  std::ranges::sort(allowed);
  std::string list;
  for (const std::string& method : allowed) {
    if (!list.empty() && list.ends_with(method)) continue;
    list += (list.empty() ? "" : ", ") + method;
  }
  HttpReply reply = problem(405, call.method + " is not offered here; what is: " + list, call.path);
  reply.headers.push_back({"Allow", list});
  return reply;
}

HttpReply unavailable(std::string_view why, std::string_view path) {
  HttpReply reply = problem(503, why, path);
  reply.headers.push_back({"Retry-After", "1"});
  return reply;
}

}  // namespace

RouteTable::State::Match RouteTable::State::find(std::string_view method,
                                                 const std::vector<std::string>& segments) const {
  Match match;
  for (const RoutePointer& route : routes_) {
    auto parameters = route->path.match(segments);
    if (!parameters) continue;
    match.allowed.push_back(route->made_from.info.method);
    if (route->made_from.info.method != method) continue;
    match.route = route;
    match.parameters = std::move(*parameters);
    break;
  }
  return match;
}

Exchange RouteTable::State::dispatch(HttpCall call, std::string_view query, OnReply on_reply) {
  const auto answer = [&](HttpReply reply) {
    on_reply(std::move(reply));
    return Exchange{0, call.timeout};
  };
  const auto segments = path_segments(call.path);
  auto parameters = parse_query(query);
  if (!segments || !parameters) {
    return answer(problem(400, "the path or the query is not percent-encoded UTF-8 (RFC 3986)", call.path));
  }
  call.query_parameters = std::move(*parameters);
  Match match;
  {
    const std::lock_guard lock(mutex_);
    match = find(call.method == "HEAD" ? "GET" : call.method, *segments);
  }
  if (match.route == nullptr && !match.allowed.empty()) return answer(not_allowed(std::move(match.allowed), call));
  if (match.route == nullptr) {
    return answer(problem(404, "there is no such route; GET /api/openapi.json lists all", call.path));
  }
  return begin(std::move(call), std::move(match), std::move(on_reply));
}

Exchange RouteTable::State::begin(HttpCall call, Match match, OnReply on_reply) {
  const RoutePointer route = match.route;
  call.path_parameters = std::move(match.parameters);
  if (route->made_from.timeout) call.timeout = route->made_from.timeout(call);
  Exchange exchange{0, call.timeout};
  {
    const std::lock_guard lock(mutex_);
    if (open_ && !route->removed && waiting_.size() < options_.max_exchanges) {
      exchange.id = ++last_number_;
      waiting_.emplace(exchange.id, Waiting{route, call.path, std::move(on_reply), nullptr});
    }
  }
  if (exchange.id == 0) {
    // Not moved from: that happens with a number only. NOLINTNEXTLINE(bugprone-use-after-move)
    on_reply(unavailable("the server is starting, ending, or has too many requests at once", call.path));
    return exchange;
  }
  auto shared_call = std::make_shared<HttpCall>(std::move(call));
  if (!hand_over(route, shared_call, exchange.id)) {
    if (auto refused = take(exchange.id)) {
      refused->on_reply(unavailable("too many requests wait for an answer; try again later", refused->path));
    }
    exchange.id = 0;
  }
  return exchange;
}

bool RouteTable::State::hand_over(const RoutePointer& route, std::shared_ptr<HttpCall> call, std::uint64_t exchange) {
  if (route->made_from.thread == RouteThread::caller) {
    run(route, *call, exchange);
    return true;
  }
  CallQueue& queue = route->made_from.info.owner == 0 ? host_calls_ : plugin_calls_;
  return queue.post(
      [self = shared_from_this(), route, call = std::move(call), exchange] { self->run(route, *call, exchange); });
}

void RouteTable::State::run(const RoutePointer& chosen, HttpCall& call, std::uint64_t exchange) {
  const std::string path = call.path;
  const std::optional<RoutePointer> entered = enter(chosen, call, exchange);
  if (!entered) return;
  const RoutePointer& route = *entered;
  if (route == nullptr) {
    respond(exchange, unavailable("the plugin is being replaced by another version that does not offer this", path));
    return;
  }
  try {
    route->made_from.handle(call, exchange);
  } catch (...) {  // a plugin's exception must not end the host
    respond(exchange, problem(500, "the handler of this route failed", path));
  }
  leave(route);
}

std::optional<RouteTable::State::RoutePointer> RouteTable::State::enter(RoutePointer route, HttpCall& call,
                                                                        std::uint64_t exchange) {
  const std::lock_guard lock(mutex_);
  if (route->removed) return std::nullopt;
  if (route->parked) route = successor(call, exchange);
  if (route == nullptr) return route;
  route->running.push_back(std::this_thread::get_id());
  return route;
}

/// For a request that waited for its turn while another version's route took the place of its own.
RouteTable::State::RoutePointer RouteTable::State::successor(HttpCall& call, std::uint64_t exchange) {
  const auto waiting = waiting_.find(exchange);
  const auto segments = path_segments(call.path);
  if (waiting == waiting_.end() || !segments) return nullptr;
  Match match = find(call.method == "HEAD" ? "GET" : call.method, *segments);
  if (match.route == nullptr || match.route->made_from.info.owner == 0) return nullptr;
  call.path_parameters = std::move(match.parameters);
  waiting->second.route = match.route;
  return match.route;
}

void RouteTable::State::leave(const RoutePointer& route) {
  std::vector<Waiting> unanswered;
  {
    const std::lock_guard lock(mutex_);
    route->running.erase(std::ranges::find(route->running, std::this_thread::get_id()));
    if (route->removed && route->running.empty()) unanswered = take_all_of(route);
  }
  call_ended_.notify_all();
  answer_unavailable(unanswered, "the route was removed before it answered");
}

void RouteTable::State::answer_unavailable(const std::vector<Waiting>& waiting, std::string_view why) {
  for (const Waiting& each : waiting) each.on_reply(unavailable(why, each.path));
}

std::optional<RouteTable::State::Waiting> RouteTable::State::take(std::uint64_t exchange) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(exchange);
  if (found == waiting_.end()) return std::nullopt;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  return waiting;
}

std::vector<RouteTable::State::Waiting> RouteTable::State::take_all_of(const RoutePointer& route) {
  std::vector<Waiting> taken;
  std::erase_if(waiting_, [&](auto& entry) {
    if (route != nullptr && entry.second.route != route) return false;
    taken.push_back(std::move(entry.second));
    return true;
  });
  return taken;
}

bool RouteTable::State::respond(std::uint64_t exchange, HttpReply reply) {
  auto waiting = take(exchange);
  if (waiting) waiting->on_reply(std::move(reply));
  return waiting.has_value();
}

bool RouteTable::State::expire(std::uint64_t exchange) {
  auto waiting = take(exchange);
  if (!waiting) return false;
  waiting->on_reply(waiting->on_expiry ? waiting->on_expiry()
                                       : problem(504, "the handler did not answer in time", waiting->path));
  return true;
}

void RouteTable::State::abandon(std::uint64_t exchange) { take(exchange); }

void RouteTable::State::on_expiry(std::uint64_t exchange, std::function<HttpReply()> make_reply) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(exchange);
  if (found != waiting_.end()) found->second.on_expiry = std::move(make_reply);
}

}  // namespace host_stub
