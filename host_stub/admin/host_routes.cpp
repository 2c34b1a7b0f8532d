// What the host answers itself.
#include "admin/host_routes.h"

#include "admin/event_publisher.h"
#include "admin/host_control.h"
#include "admin/metrics_text.h"
#include "admin/pages.h"
#include "admin/problem.h"
#include "admin/route_schemas.h"
#include "admin/text.h"

namespace host_stub {
namespace {

HttpReply json_reply(std::string body, int status = 200) {
  return {status, std::string(json_type), std::move(body), {}};
}

HttpReply page(std::string_view html) { return {200, "text/html; charset=utf-8", std::string(html), {}}; }

HttpReply live_reply(HostControl& control, const HttpCall& call) {
  if (control.health().live) return json_reply(R"({"alive":true})");
  return problem(503, "a part of the process is stuck; restart it", call.path, R"("alive":false)");
}

HttpReply ready_reply(HostControl& control, const HttpCall& call) {
  const HostHealth health = control.health();
  if (health.live && health.ready) return json_reply(R"({"ready":true})");
  std::string members = R"("ready":false,"reasons":[)";
  std::string detail;
  for (const std::string& reason : health.reasons) {
    const std::string text = is_utf8(reason) ? reason : "(not UTF-8)";
    members += detail.empty() ? "" : ",";
    append_json_string(members, text);
    detail.append(detail.empty() ? "" : "; ").append(text);
  }
  return problem(503, detail.empty() ? "not ready" : detail, call.path, members + "]");
}

void append_plugin(std::string& out, const PluginSummary& plugin) {
  const auto member = [&out](std::string_view name, std::string_view value) {
    out.append(out.ends_with('{') ? "\"" : ",\"").append(name).append("\":");
    append_json_string(out, is_utf8(value) ? value : "(not UTF-8)");
  };
  out += '{';
  member("name", plugin.name);
  member("version", plugin.version);
  member("build_id", plugin.build_id);
  member("description", plugin.description);
  member("runtime", plugin.runtime);
  member("path", plugin.path);
  out += ",\"instance\":" + std::to_string(plugin.instance);
  member("state", plugin.state);
  out +=
      std::string(",\"live\":") + (plugin.live ? "true" : "false") + ",\"ready\":" + (plugin.ready ? "true" : "false");
  member("reason", plugin.reason);
  if (!plugin.swap.empty()) out.append(",\"swap\":").append(plugin.swap);
  out += '}';
}

HttpReply plugins_reply(HostControl& control) {
  std::string body = R"({"plugins":[)";
  for (const PluginSummary& plugin : control.plugins()) {
    if (!body.ends_with('[')) body += ',';
    append_plugin(body, plugin);
  }
  return json_reply(body + "]}");
}

HttpReply metrics_reply(HostControl& control) {
  MetricsText text;
  control.collect_metrics(text.sink());
  return {200, std::string(MetricsText::content_type), text.finish(), {}};
}

RouteInfo get(std::string path, std::string summary) {
  RouteInfo info;
  info.method = "GET";
  info.path = std::move(path);
  info.summary = std::move(summary);
  return info;
}

RouteInfo get_json(std::string path, std::string summary, std::string_view schema) {
  RouteInfo info = get(std::move(path), std::move(summary));
  info.response_schema = schema;
  return info;
}

RouteInfo get_text(std::string path, std::string summary, std::string_view type) {
  RouteInfo info = get(std::move(path), std::move(summary));
  info.response_type = type;
  return info;
}

}  // namespace

Result<std::unique_ptr<HostRoutes>> HostRoutes::create(Parts parts) {
  std::unique_ptr<HostRoutes> made(new HostRoutes(std::move(parts)));
  made->add_health();
  made->add_status();
  made->add_swaps();
  made->add_documents();
  made->add_events();
  made->add_shutdown();
  if (made->failure_) return *made->failure_;
  return made;
}

HostRoutes::~HostRoutes() {
  for (const std::uint64_t token : tokens_) parts_.routes.remove(token);
}

void HostRoutes::add(HostRoute route) {
  auto added = parts_.routes.add(std::move(route));
  if (added)
    tokens_.push_back(added.value());
  else if (!failure_)
    failure_ = added.error();
}

void HostRoutes::add(RouteInfo info, RouteThread thread, std::function<HttpReply(HttpCall&)> make_reply) {
  add(HostRoute{std::move(info), thread,
                [this, make_reply = std::move(make_reply)](HttpCall& call, std::uint64_t exchange) {
                  parts_.routes.respond(exchange, make_reply(call));
                }});
}

void HostRoutes::add_health() {
  RouteInfo live = get_json("/status/live", "Is the process alive?", schemas::live);
  RouteInfo ready = get_json("/status/ready", "Can it do its work now?", schemas::ready);
  live.needs_key = false;
  ready.needs_key = false;
  live.description = "503: a part of it is stuck, and it should be restarted. Needs no key.";
  ready.description = "503 with the reasons otherwise, such as a broker that cannot be reached. Needs no key.";
  HostControl& control = parts_.control;
  add(std::move(live), RouteThread::host_worker, [&control](HttpCall& call) { return live_reply(control, call); });
  add(std::move(ready), RouteThread::host_worker, [&control](HttpCall& call) { return ready_reply(control, call); });
}

void HostRoutes::add_status() {
  HostControl& control = parts_.control;
  add(get_json("/status", "Label, version, uptime, event bus, plugins", schemas::object), RouteThread::host_worker,
      [&control](HttpCall& /*call*/) { return json_reply(control.status_json()); });
  add(get_json("/plugins", "The loaded plugins", schemas::plugins), RouteThread::host_worker,
      [&control](HttpCall& /*call*/) { return plugins_reply(control); });
  add(get_text("/metrics", "Figures in Prometheus' text format", MetricsText::content_type), RouteThread::host_worker,
      [&control](HttpCall& /*call*/) { return metrics_reply(control); });
}

void HostRoutes::add_documents() {
  add(get_json("/api/openapi.json", "This interface as an OpenAPI 3.1 document", schemas::object),
      RouteThread::host_worker,
      [this](HttpCall& /*call*/) { return json_reply(openapi_document(parts_.routes.routes(), parts_.document)); });
  add(get_text("/api/doc", "This interface as a page to read and try", "text/html"), RouteThread::caller,
      [](HttpCall& /*call*/) { return page(api_doc_page()); });
  add(get_text("/admin", "A live page: state, plugins, events, metrics", "text/html"), RouteThread::caller,
      [](HttpCall& /*call*/) { return page(admin_page()); });
  RouteInfo root = get_text("/", "Leads to /admin", "");
  root.success_status = 302;
  add(std::move(root), RouteThread::caller, [](HttpCall& /*call*/) {
    return HttpReply{302, "", "", {{"Location", "/admin"}}};
  });
}

void HostRoutes::add_events() {
  RouteInfo post;
  post.method = "POST";
  post.path = "/events";
  post.summary = "Publish one event, or many";
  post.description =
      "The body is one JSON object, or one a line (application/x-ndjson). All lines are checked before any is "
      "published. 503 when a handler's queue is full: \"accepted\" says how many were taken, in order; send the rest "
      "later. With wait=1 the answer is 200 and comes when every handler is done, with the outcome of each event.";
  post.parameters = {{"wait", "1: answer with the outcome of every event", false},
                     {"timeout_ms", "how long to wait for outcomes, 1 to 600000; 30000 if not given", false}};
  post.request_schema = schemas::event;
  post.response_schema = schemas::accepted;
  post.success_status = 202;
  const Parts& parts = parts_;
  add(HostRoute{std::move(post), RouteThread::caller,
                [&parts](HttpCall& call, std::uint64_t exchange) {
                  if (parts.control.takes_events()) return parts.publisher.handle(call, exchange);
                  parts.routes.respond(exchange, problem(503, "the plugins are starting or ending; try again",
                                                         call.path, "\"accepted\":0"));
                },
                &EventPublisher::timeout_of});

  RouteInfo stream = get_text("/events", "Events as they are published, as server-sent events", "text/event-stream");
  stream.description =
      "Each event is one data line with a JSON object. `event: lagged` says how many were left out because the client "
      "was too slow. The comment `: connected` comes first, when the subscription is active.";
  stream.parameters = {
      {"pattern", "RE2 over topics, from their start; may be repeated; all topics if not given", false}};
  add(std::move(stream), RouteThread::caller,
      [](HttpCall& call) { return problem(400, "this is a stream: open it with GET over HTTP", call.path); });
}

void HostRoutes::add_shutdown() {
  RouteInfo info;
  info.method = "POST";
  info.path = "/shutdown";
  info.summary = "Drain the plugins and end the process";
  info.response_schema = schemas::result;
  info.success_status = 202;
  HostControl& control = parts_.control;
  RouteTable& routes = parts_.routes;
  add(HostRoute{std::move(info), RouteThread::host_worker,
                [&control, &routes](HttpCall& /*call*/, std::uint64_t exchange) {
                  routes.respond(exchange, json_reply(R"({"result":"The host is shutting down"})", 202));
                  control.request_shutdown();
                }});
}

}  // namespace host_stub
