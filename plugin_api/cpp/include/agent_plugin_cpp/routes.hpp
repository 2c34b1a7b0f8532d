// Routes on the host's admin server, for as long as the returned Route lives.
//
//   agent::RouteSpec spec{"GET", "/echo/count", "How many events were echoed"};
//   status = routes.add(spec, [this](agent::Request, agent::Exchange exchange) { exchange.json(200, count()); },
//   route_);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent_plugin/ext/admin_routes.h"
#include "agent_plugin_cpp/exchange.hpp"
#include "agent_plugin_cpp/request.hpp"
#include "agent_plugin_cpp/status.hpp"

namespace agent {

/// Called on any thread, several at once; must not block for long. An exception becomes an answer 500.
using RouteHandler = std::function<void(Request, Exchange)>;

struct RouteSpec {
  std::string_view method;
  std::string_view path;
  std::string_view summary;
  std::string_view description;
  std::string_view request_schema;   ///< JSON Schema, or empty: no body
  std::string_view response_schema;  ///< JSON Schema of the answer 200, or empty
};

/// A route that was added. When its destructor returns, no call of its handler is running.
class Route {
 public:
  Route() = default;
  Route(Route&&) noexcept = default;
  Route& operator=(Route&& other) noexcept {
    reset();
    state_ = std::move(other.state_);
    return *this;
  }
  ~Route() { reset(); }

  explicit operator bool() const noexcept { return state_ != nullptr; }
  void reset() noexcept {
    if (state_ != nullptr) state_->routes->remove(state_->host, state_->token);
    state_.reset();
  }

 private:
  friend class Routes;
  struct State {
    const agent_host* host;
    const agent_admin_routes* routes;
    RouteHandler handler;
    std::uint64_t token;
  };
  static void call(void* context, const agent_http_request* request, std::uint64_t id) noexcept {
    const State& state = *static_cast<State*>(context);
    const Exchange exchange(state.host, state.routes, id);
    try {
      state.handler(Request::copy(*request), exchange);
    } catch (...) {
      exchange.reply(500, "application/problem+json", "{\"title\":\"Internal error\",\"status\":500}");
    }
  }
  std::unique_ptr<State> state_;
};

/// A cheap handle; valid until destroy() of the plugin. All functions may be called from any thread.
class Routes {
 public:
  [[nodiscard]] static Routes of(const agent_host* host) noexcept {
    return {host, static_cast<const agent_admin_routes*>(host->get_extension(host, AGENT_EXT_ADMIN_ROUTES))};
  }
  explicit operator bool() const noexcept { return routes_ != nullptr; }

  Status add(const RouteSpec& spec, RouteHandler handler, Route& route) const {
    auto state = std::make_unique<Route::State>(Route::State{host_, routes_, std::move(handler), 0});
    agent_route request{};
    request.size = static_cast<std::uint32_t>(sizeof request);
    request.method = text(spec.method);
    request.path = text(spec.path);
    request.summary = text(spec.summary);
    request.description = text(spec.description);
    request.request_schema = text(spec.request_schema);
    request.response_schema = text(spec.response_schema);
    request.context = state.get();
    request.handle = &Route::call;
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t code = routes_->add(host_, &request, &state->token, &error);
    if (code != AGENT_OK) return to_status(code, error);
    route.reset();
    route.state_ = std::move(state);
    return ok();
  }

 private:
  Routes(const agent_host* host, const agent_admin_routes* routes) noexcept : host_(host), routes_(routes) {}

  const agent_host* host_;
  const agent_admin_routes* routes_;
};

}  // namespace agent
