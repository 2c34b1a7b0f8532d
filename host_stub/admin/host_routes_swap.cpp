// POST /plugins/{name}/swap and GET /plugins/{name}/swaps.
#include <array>
#include <rapidjson/document.h>
#include <utility>

#include "agent_plugin/status.h"

#include "admin/host_control.h"
#include "admin/host_routes.h"
#include "admin/problem.h"
#include "admin/route_schemas.h"
#include "admin/text.h"

namespace host_stub {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds longest_wait{600'000};

Failure wrong(std::string message) { return {AGENT_E_INVALID, std::move(message)}; }

std::string name_of(const HttpCall& call) {
  return call.path_parameters.empty() ? std::string() : call.path_parameters.front().value;
}

Result<milliseconds> read_time(const rapidjson::Value& value, const std::string& name, std::int64_t lowest,
                               std::int64_t highest) {
  if (!value.IsInt64() || value.GetInt64() < lowest || value.GetInt64() > highest) {
    return wrong(name + ": a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest) +
                 " is wanted");
  }
  return milliseconds(value.GetInt64());
}

Result<void> read_member(const std::string& name, const rapidjson::Value& value, SwapOrder& order) {
  if (name == "path") {
    if (!value.IsString() || value.GetStringLength() == 0) return wrong("path: the file of a module is wanted");
    order.path.assign(value.GetString(), value.GetStringLength());
    return {};
  }
  if (name == "close_connections") {
    if (!value.IsBool()) return wrong("close_connections: true or false is wanted");
    order.close_connections = value.GetBool();
    return {};
  }
  if (name == "probation_ms" || name == "timeout_ms") {
    const bool probation = name == "probation_ms";
    auto time = read_time(value, name, probation ? 0 : 1, probation ? 3'600'000 : 600'000);
    if (!time) return time.error();
    (probation ? order.probation : order.timeout) = time.value();
    return {};
  }
  constexpr std::array<std::string_view, 4> known{"path", "probation_ms", "timeout_ms", "close_connections"};
  const std::string_view near = nearest_name(name, known);
  std::string message = "there is no member \"" + name + "\"";
  if (!near.empty()) message.append("; did you mean \"").append(near).append("\"?");
  return wrong(std::move(message));
}

Result<void> read_wait(const HttpCall& call, SwapOrder& order) {
  for (const HttpParameter& parameter : call.query_parameters) {
    if (parameter.name != "wait") return wrong("there is no query parameter \"" + parameter.name + "\", only wait");
  }
  const std::string* wait = call.query("wait");
  if (wait == nullptr || *wait == "active") return {};
  if (*wait != "none" && *wait != "end") return wrong("wait: none, active or end is wanted");
  order.wait = *wait == "none" ? SwapOrder::Wait::none : SwapOrder::Wait::end;
  return {};
}

Result<SwapOrder> read_order(const HttpCall& call) {
  SwapOrder order;
  order.plugin = name_of(call);
  if (auto read = read_wait(call, order); !read) return read.error();
  if (call.body.find_first_not_of(" \t\r\n") == std::string::npos) return order;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(call.body.data(), call.body.size());
  if (document.HasParseError() || !document.IsObject()) return wrong("the body is not a JSON object");
  for (const auto& member : document.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (auto read = read_member(is_utf8(name) ? name : "(not UTF-8)", member.value, order); !read) return read.error();
  }
  return order;
}

HttpReply reply_of(const SwapAnswer& answer, const std::string& path) {
  switch (answer.kind) {
    case SwapAnswer::Kind::accepted:
      return {202, std::string(json_type), "{\"swap\":" + std::to_string(answer.id) + "}", {}};
    case SwapAnswer::Kind::done:
      return {200, std::string(json_type), "{\"swap\":" + answer.report + "}", {}};
    case SwapAnswer::Kind::failed:
      return problem(409, answer.detail, path, "\"swap\":" + answer.report);
    case SwapAnswer::Kind::unknown:
      return problem(404, answer.detail, path);
    case SwapAnswer::Kind::conflict:
      break;
  }
  return problem(409, answer.detail, path);
}

HttpReply swaps_reply(HostControl& control, const HttpCall& call) {
  const auto swaps = control.swaps(name_of(call));
  if (!swaps) return problem(404, "no plugin " + name_of(call) + " is loaded", call.path);
  std::string body = R"({"swaps":[)";
  for (const std::string& swap : *swaps) body.append(body.ends_with('[') ? "" : ",").append(swap);
  return {200, std::string(json_type), body + "]}", {}};
}

RouteInfo swap_info() {
  RouteInfo info;
  info.method = "POST";
  info.path = "/plugins/{name}/swap";
  info.summary = "Replace a plugin by another version while it works";
  info.description =
      "Without a path the same module is loaded again and reads its configuration anew. The answer comes when the new "
      "version works. 409: the swap was refused or taken back, the running version goes on (member \"swap\" says "
      "which, "
      "and why), or another swap is under way. 202 with the number of the swap if wait=none.";
  info.parameters = {{"wait", "none, active (the new version works; the default) or end (after its probation)", false}};
  info.request_schema = schemas::swap_order;
  info.response_schema = schemas::swap_report;
  return info;
}

}  // namespace

void HostRoutes::add_swaps() {
  HostControl& control = parts_.control;
  RouteTable& routes = parts_.routes;
  HostRoute swap{swap_info(), RouteThread::host_worker, nullptr, nullptr};
  swap.handle = [&control, &routes](HttpCall& call, std::uint64_t exchange) {
    auto order = read_order(call);
    if (!order) return void(routes.respond(exchange, problem(400, order.error().message, call.path)));
    control.swap(std::move(order).value(), [&routes, exchange, path = call.path](const SwapAnswer& answer) {
      routes.respond(exchange, reply_of(answer, path));
    });
  };
  swap.timeout = [](const HttpCall& /*call*/) { return longest_wait; };
  add(std::move(swap));

  RouteInfo list;
  list.method = "GET";
  list.path = "/plugins/{name}/swaps";
  list.summary = "The last 16 swaps of a plugin, newest first, with the one that is under way";
  list.response_schema = schemas::swaps;
  add(std::move(list), RouteThread::host_worker, [&control](HttpCall& call) { return swaps_reply(control, call); });
}

}  // namespace host_stub
