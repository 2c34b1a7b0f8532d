#include "cli/explain.h"

#include <algorithm>
#include <cstdio>

#include "cli/announcer.h"
#include "cli/check_config.h"
#include "cli/exit_status.h"
#include "cli/start.h"
#include "cli/tables.h"
#include "cli/url.h"

namespace host_stub::cli {
namespace {

constexpr std::chrono::seconds explain_timeout{10};

std::string explain_query(const ExplainOptions& options) {
  std::string query = "?topic=" + percent_encode(options.topic);
  if (options.tenant.has_value()) query += "&tenant=" + percent_encode(*options.tenant);
  if (options.payload.has_value()) query += "&payload=" + percent_encode(*options.payload);
  return query;
}

int explain(Host& host, const ExplainOptions& options, const Announcer& announcer) {
  const std::optional<std::string> path = explain_path(host);
  if (!path.has_value()) {
    announcer.failure("the plugin explains nothing: it has no route that ends in /explain");
    return exit_failure;
  }
  const HttpReply reply = host.routes().call("GET", *path + explain_query(options), "", explain_timeout);
  if (reply.status != 200) {
    announcer.failure(problem_in_words(reply.status, reply.body));
    return exit_status_of_answer(reply.status);
  }
  const bool json = options.format == OutputFormat::json;
  std::fputs((json ? json_on_one_line(reply.body) + "\n" : json_for_people(reply.body)).c_str(), stdout);
  return exit_ok;
}

}  // namespace

std::optional<std::string> explain_path(Host& host) {
  const std::vector<RouteInfo> routes = host.routes().routes();
  const auto route = std::find_if(routes.begin(), routes.end(), [](const RouteInfo& info) {
    return info.owner != 0 && info.method == "GET" && info.path.ends_with("/explain");
  });
  return route == routes.end() ? std::nullopt : std::optional(route->path);
}

int run_explain(ExplainOptions options) {
  const Announcer announcer(options.log.format);
  const std::unique_ptr<LogSink> log = make_log_sink(options.log);
  Host host(options.host, *log);
  if (!load_and_configure(host, announcer)) return give_up(host, exit_usage);
  if (const Result<void> listening = host.listen(); !listening.ok()) {
    announcer.failure(listening.error().message);
    return give_up(host, exit_failure);
  }
  return give_up(host, explain(host, options, announcer));
}

}  // namespace host_stub::cli
