// The checks of a request's head, in the order in which they apply.
#include "admin/request_screen.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "admin/problem.h"
#include "admin/route_table.h"
#include "admin/server.h"
#include "admin/target.h"
#include "admin/text.h"

namespace host_stub {
namespace {

bool same_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

/// Did a page of another site cause it? Such requests carry no key, but in insecure mode none is asked for, so a page
/// that the operator happens to visit could stop the agent. Pages of ours may be linked to from anywhere.
bool is_cross_site(const RequestHead& head, std::string_view path) noexcept {
  if (head.origin) {
    const std::size_t authority = head.origin->find("://");
    const bool same =
        authority != std::string_view::npos && same_ignoring_case(head.origin->substr(authority + 3), head.host);
    if (!same) return true;
  }
  constexpr std::array<std::string_view, 3> pages{"/", "/admin", "/api/doc"};
  if (head.method == "GET" && std::ranges::find(pages, path) != pages.end()) return false;
  return !head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none";
}

}  // namespace

std::optional<HttpReply> screen(const RequestHead& head, const AdminServerOptions& options, const RouteTable& routes) {
  const auto target = split_target(head.target);
  if (!target) return problem(400, "the request target must be a path that starts with /", "");
  if (head.host_count > 1 || (head.is_http_1_1 && head.host_count == 0)) {
    return problem(400, "an HTTP/1.1 request has exactly one Host field (RFC 9112)", target->path);
  }
  if (is_cross_site(head, target->path)) {
    return problem(403, "requests from pages of other sites are refused", target->path);
  }
  if (options.insecure_mode || !routes.needs_key(head.method, target->path)) return std::nullopt;
  if (equal_in_constant_time(head.api_key, options.api_key.value_or(""))) return std::nullopt;
  HttpReply reply = problem(401,
                            head.api_key.empty() ? "this route needs the API key in the X-API-Key field"
                                                 : "the API key in the X-API-Key field is wrong",
                            target->path);
  reply.headers.push_back({"WWW-Authenticate", "ApiKey realm=\"admin\", header=\"X-API-Key\""});
  return reply;
}

}  // namespace host_stub
