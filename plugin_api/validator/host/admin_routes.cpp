// A request is an exchange number that must be answered exactly once, from whatever thread.
#include "host/admin_routes.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "check.h"
#include "host/test_host.h"

namespace plugin_validator {
namespace {

AdminRoutes& routes_of(const agent_host* host) { return TestHost::of(host).routes(); }

/// /kafka/topics/{name} asks for the parameter name.
std::vector<std::string> parameters_of(const std::string& path) {
  std::vector<std::string> names;
  for (auto at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    names.push_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

}  // namespace

agent_admin_routes AdminRoutes::table() noexcept {
  return {.size = sizeof(agent_admin_routes),
          .reserved = 0,
          .add = [](const agent_host* host, const agent_route* route, std::uint64_t* token,
                    agent_error* error) { return routes_of(host).add(route, token, error); },
          .remove = [](const agent_host* host, std::uint64_t token) { return routes_of(host).remove(token); },
          .respond = [](const agent_host* host, std::uint64_t exchange,
                        const agent_http_reply* reply) { return routes_of(host).respond(exchange, reply); }};
}

std::int32_t AdminRoutes::add(const agent_route* route, std::uint64_t* token, agent_error* error) {
  if (ledger_.begins("admin_routes.add", any_state)) {
    fill_injected_failure(error);
    return injected_failure;
  }
  Route made{std::string(view(route->method)), std::string(view(route->path)), route->context, route->handle};
  if (made.method.empty() || !made.path.starts_with('/') || made.handle == nullptr) {
    ledger_.breach(Breach::call, "admin_routes.add was given a route without method, path or handler");
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [known, other] : routes_) {
    if (other.method != made.method || other.path != made.path) continue;
    if (error != nullptr) {
      error->code = AGENT_E_EXISTS;
      std::snprintf(error->message, sizeof(error->message), "there is a route %s already", made.path.c_str());
    }
    return AGENT_E_EXISTS;
  }
  *token = ++last_token_;
  routes_.emplace(last_token_, std::move(made));
  return AGENT_OK;
}

std::int32_t AdminRoutes::remove(std::uint64_t token) {
  const bool fails = ledger_.begins("admin_routes.remove", any_state);
  const std::lock_guard lock(mutex_);
  const bool known = routes_.erase(token) > 0;  // also when it fails: there is no other way back
  if (fails) return injected_failure;
  return known ? AGENT_OK : AGENT_E_NOT_FOUND;
}

std::int32_t AdminRoutes::respond(std::uint64_t exchange, const agent_http_reply* reply) {
  const bool fails = ledger_.begins("admin_routes.respond", any_state);
  const std::lock_guard lock(mutex_);
  const auto found = exchanges_.find(exchange);
  if (found == exchanges_.end() || found->second > 0) {
    ledger_.breach(Breach::exchange, found == exchanges_.end() ? "an exchange was answered that never existed"
                                                               : "one exchange was answered twice");
    return AGENT_E_NOT_FOUND;
  }
  if (found->second < 0) return AGENT_E_NOT_FOUND;  // too late
  if (reply->status < 100 || reply->status > 599) {
    ledger_.breach(Breach::exchange, text_of("an exchange was answered with the HTTP status ", reply->status));
  }
  found->second = std::max(reply->status, 1);
  answered_.notify_all();
  return fails ? injected_failure : AGENT_OK;
}

std::string AdminRoutes::request_all(bool reading, std::string_view body, std::chrono::milliseconds patience) {
  std::vector<Route> targets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [token, route] : routes_) {
      if ((route.method == "GET") == reading) targets.push_back(route);
    }
  }
  for (const Route& target : targets) {
    if (std::string problem = request(target, body, patience); !problem.empty()) return problem;
  }
  return {};
}

std::string AdminRoutes::request(const Route& route, std::string_view body, std::chrono::milliseconds patience) {
  const Ledger::OnHostThread mark;
  std::uint64_t exchange = 0;
  {
    const std::lock_guard lock(mutex_);
    exchange = ++last_exchange_;
    exchanges_[exchange] = 0;
  }
  {
    Arena memory(layout_);
    std::vector<const agent_http_parameter*> parameters;
    for (const std::string& name : parameters_of(route.path)) {
      parameters.push_back(memory.place(agent_http_parameter{
          .size = 0, .reserved = 0, .name = memory.text(name), .value = memory.text("validator")}));
    }
    const agent_http_request* request =
        memory.place(agent_http_request{.size = 0,
                                        .path_parameter_count = static_cast<std::uint32_t>(parameters.size()),
                                        .query_parameter_count = 0,
                                        .timeout_ms = static_cast<std::uint32_t>(patience.count()),
                                        .method = memory.text(route.method),
                                        .path = memory.text(route.path),
                                        .path_parameters = memory.place_array(parameters),
                                        .query_parameters = nullptr,
                                        .content_type = memory.text(body.empty() ? "" : "application/json"),
                                        .body = memory.bytes(body)});
    route.handle(route.context, request, exchange);
  }
  std::unique_lock lock(mutex_);
  if (!answered_.wait_for(lock, patience, [&] { return exchanges_[exchange] > 0; })) {
    exchanges_[exchange] = -1;
    return text_of(route.method, " ", route.path, ": no respond() within ", patience.count(), " ms");
  }
  return {};
}

void AdminRoutes::remove_all() {
  const std::lock_guard lock(mutex_);
  routes_.clear();
}

std::vector<std::string> AdminRoutes::routes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [token, route] : routes_) names.push_back(route.method + " " + route.path);
  return names;
}

}  // namespace plugin_validator
