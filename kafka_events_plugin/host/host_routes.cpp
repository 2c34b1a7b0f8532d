// Routes and requests between the host's admin server and admin/.
#include "host/host_routes.h"

#include <exception>
#include <string>
#include <utility>

#include "host/convert.h"

namespace kafka_events::host {
namespace {

HttpRequest to_core(const agent_http_request& source) {
  HttpRequest request;
  request.method = agent::view(source.method);
  request.path = agent::view(source.path);
  request.body = agent::view(source.body);
  request.timeout = std::chrono::milliseconds(source.timeout_ms);
  for (std::uint32_t i = 0; i < source.query_parameter_count; ++i) {
    const agent_http_parameter& parameter = *source.query_parameters[i];
    request.query.emplace_back(agent::view(parameter.name), agent::view(parameter.value));
  }
  if (AGENT_HAS_FIELD(&source, path_parameters)) {
    for (std::uint32_t i = 0; i < source.path_parameter_count; ++i) {
      const agent_http_parameter& parameter = *source.path_parameters[i];
      request.path_parameters.emplace_back(agent::view(parameter.name), agent::view(parameter.value));
    }
  }
  return request;
}

std::vector<agent_route_parameter> to_host(const std::vector<RouteParameter>& parameters) {
  std::vector<agent_route_parameter> result;
  result.reserve(parameters.size());
  for (const RouteParameter& parameter : parameters) {
    result.push_back({static_cast<std::uint32_t>(sizeof(agent_route_parameter)), parameter.required ? 1 : 0,
                      agent::text(parameter.name), agent::text(parameter.description)});
  }
  return result;
}

}  // namespace

Result<void> HostRoutes::add(const RouteSpec& spec, RequestHandler& handler) {
  auto added = std::make_unique<Added>(Added{*this, handler, 0});
  const std::vector<agent_route_parameter> parameters = to_host(spec.parameters);
  std::vector<const agent_route_parameter*> pointers;
  pointers.reserve(parameters.size());
  for (const agent_route_parameter& parameter : parameters) pointers.push_back(&parameter);
  agent_route route{};
  route.size = static_cast<std::uint32_t>(sizeof route);
  route.parameter_count = static_cast<std::uint32_t>(pointers.size());
  route.parameters = pointers.data();
  route.method = agent::text(spec.method);
  route.path = agent::text(spec.path);
  route.summary = agent::text(spec.summary);
  route.description = agent::text(spec.description);
  route.request_schema = agent::text(spec.request_schema);
  route.response_schema = agent::text(spec.response_schema);
  route.context = added.get();
  route.handle = &HostRoutes::handle;
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = routes_->add(host_, &route, &added->token, &error);
  if (status != AGENT_OK) return error_of(status, error);
  const std::scoped_lock lock(mutex_);
  added_.push_back(std::move(added));
  return {};
}

void HostRoutes::remove_all() noexcept {
  std::vector<std::unique_ptr<Added>> leaving;
  {
    const std::scoped_lock lock(mutex_);
    leaving.swap(added_);
  }
  for (const auto& added : leaving) routes_->remove(host_, added->token);
}

void HostRoutes::reply(std::uint64_t exchange, const HttpReply& reply) noexcept {
  agent_http_reply answer{};
  answer.size = static_cast<std::uint32_t>(sizeof answer);
  answer.status = reply.status;
  answer.content_type = agent::text(reply.content_type);
  answer.body = agent::bytes(reply.body);
  routes_->respond(host_, exchange, &answer);
}

void HostRoutes::handle(void* context, const agent_http_request* request, std::uint64_t exchange) noexcept {
  const Added& added = *static_cast<Added*>(context);
  try {
    added.handler.on_request(to_core(*request), exchange);
  } catch (const std::exception&) {  // no memory for a copy of the request; the host answers 504 when its time is over
    return;
  }
}

}  // namespace kafka_events::host
